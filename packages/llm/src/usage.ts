import { z } from "zod";

/** Tokens a request was charged for, once they are known. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** Prompt tokens that the engine had cached. */
  cachedTokens: number;
}

const tokens = z.number().nonnegative();

/** The `usage` of an answer or an event. */
export const usageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens.nullish(),
    prompt_tokens_details: z.object({ cached_tokens: tokens.nullish() }).nullish(),
  })
  .transform(
    (usage): Usage => ({
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens ?? 0,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    }),
  );

/** Sees an answer go by, and tells its usage. */
export interface UsageReader {
  /** What is sent in place of this chunk. */
  push(chunk: Buffer): Buffer | undefined;
  /** What is still to be sent when the answer is complete. */
  end(): Buffer | undefined;
}

/** In JSON a quote inside a string is escaped: these bytes are a key wherever they stand. */
const usageKey = Buffer.from('"usage":');
const longestUsage = 4096;

/** Finds the usage of an answer in one piece, and keeps no more of it than that. */
export function createUsageFinder(onUsage: (usage: Usage) => void): UsageReader {
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
      const usage = readUsage(held.subarray(usageKey.length).toString());
      if (usage !== undefined) {
        onUsage(usage);
      }
      return undefined;
    },
  };
}

/** Reads the object at the head of `text`. It holds numbers and objects of numbers: no braces but its own. */
function readUsage(text: string): Usage | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (text[at] === "}" && depth === 0) {
      return usageSchema.safeParse(parseOrUndefined(text.slice(0, at + 1))).data;
    }
  }
  return undefined;
}

export function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
