import { type AnswerReader, parseOrUndefined } from "./event-stream.ts";

/** In JSON a quote inside a string is escaped: these bytes are a key wherever they stand. */
const usageKey = Buffer.from('"usage":');
const longestUsage = 4096;

/** Finds the last `usage` of an answer in one piece, keeps no more of it than that, and hands over its JSON as `{usage}`. */
export function createUsageFinder(onUsage: (holder: { usage: unknown }) => void): AnswerReader {
  /** From the last key on; or the last bytes, where a key may have begun. */
  let held: Buffer = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = bytes.lastIndexOf(usageKey);
      held = at === -1 ? bytes.subarray(1 - usageKey.length) : bytes.subarray(at, at + longestUsage);
      return chunk;
    },
    end: () => {
      const usage = parseHead(held.subarray(usageKey.length).toString());
      if (usage !== undefined) {
        onUsage({ usage });
      }
      return undefined;
    },
  };
}

/** Reads the object at the head of `text`. It holds numbers, names and objects of them: no braces but its own. */
function parseHead(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (text[at] === "}" && depth === 0) {
      return parseOrUndefined(text.slice(0, at + 1));
    }
  }
  return undefined;
}
