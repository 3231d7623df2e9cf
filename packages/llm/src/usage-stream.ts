import { z } from "zod";
import { parseOrUndefined, type Usage, type UsageReader, usageSchema } from "./usage.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
/** An event longer than this is no usage event: it is passed on unread. */
const longestEvent = 64 * 1024;
/** What a blank line may begin with in one chunk and end with in the next: `\n\r\n` without its last byte, and one more. */
const longestBlankLine = 3;
const mark = Buffer.from('"prompt_tokens"');

const usageEventSchema = z.object({ usage: usageSchema, choices: z.array(z.unknown()) });

interface UsageStreamOptions {
  /** Whether the event that holds nothing but usage is taken out: the client has not asked for it. */
  strip: boolean;
  /** Called once: when that event comes, or at the end with the last usage that an event had. */
  onUsage(usage: Usage): void;
}

/**
 * Reads the usage out of a stream of server-sent events. Every byte but the usage event's own passes as it came, and at
 * once: where there is something to take out, only an event that has not ended is held back.
 */
export function createUsageStream({ strip, onUsage }: UsageStreamOptions): UsageReader {
  let held: Buffer = Buffer.alloc(0);
  let isLongEvent = false;
  let latest: Usage | undefined;
  let isTold = false;

  const tell = (): void => {
    if (latest !== undefined && !isTold) {
      isTold = true;
      onUsage(latest);
    }
  };

  /** True for an event of usage alone. */
  const read = (event: Buffer): boolean => {
    const found = event.includes(mark) ? usageEventSchema.safeParse(parseOrUndefined(dataOf(event))).data : undefined;
    latest = found?.usage ?? latest;
    if (found?.choices.length !== 0) {
      return false;
    }
    tell();
    return true;
  };

  return {
    push: (chunk) => {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const kept: Buffer[] = [];
      let keptUntil = 0;
      let start = 0;
      for (let end = endOfEvent(bytes, 0); end !== -1; end = endOfEvent(bytes, end)) {
        if (!isLongEvent && read(bytes.subarray(start, end))) {
          kept.push(bytes.subarray(keptUntil, start));
          keptUntil = end;
        }
        isLongEvent = false;
        start = end;
      }
      if (isLongEvent || bytes.length - start > longestEvent) {
        isLongEvent = true;
        start = Math.max(start, bytes.length - longestBlankLine);
      }
      held = bytes.subarray(start);
      if (!strip) {
        return chunk;
      }
      const rest = bytes.subarray(keptUntil, start);
      const passed = kept.length === 0 ? rest : Buffer.concat([...kept, rest]);
      return passed.length > 0 ? passed : undefined;
    },
    end: () => {
      const isDropped = held.length > 0 && !isLongEvent && read(held);
      tell();
      return strip && !isDropped && held.length > 0 ? held : undefined;
    },
  };
}

/** The offset behind the blank line that ends the event at `from`; -1 where there is none yet. */
function endOfEvent(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(newline, from); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    if (bytes[at + 1] === newline) {
      return at + 2;
    }
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === newline) {
      return at + 3;
    }
  }
  return -1;
}

/** The lines of data of an event, without comments and other fields. */
const dataOf = (event: Buffer): string =>
  event
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length))
    .join("\n");
