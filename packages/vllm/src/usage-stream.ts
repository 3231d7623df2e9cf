import { findUsage } from "./usage.ts";
import type { Usage } from "./workload.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
/** An event longer than this is no usage event: it is passed on unread. */
const longestEvent = 64 * 1024;
const mark = Buffer.from('"usage"');
const emptyChoices = /"choices"\s*:\s*\[\s*\]/;

/** Reads the usage out of a stream of events, and takes the event that holds nothing else out of it. */
export interface UsageStream {
  /** What is to be sent in place of this chunk. */
  push(chunk: Buffer): Buffer | undefined;
  /** What was held back, at the end of the stream. */
  end(): Buffer | undefined;
}

interface UsageStreamOptions {
  /** Whether the usage event is taken out: the client has not asked for it. */
  strip: boolean;
  onUsage(usage: Usage): void;
}

/** Every byte but the usage event's own passes as it came, and at once: only an unfinished event is held back. */
export function createUsageStream({ strip, onUsage }: UsageStreamOptions): UsageStream {
  let held: Buffer = Buffer.alloc(0);
  let isLongEvent = false;

  const isUsageEvent = (event: Buffer): boolean => {
    if (!event.includes(mark)) {
      return false;
    }
    const text = event.toString();
    const usage = findUsage(text);
    if (usage !== undefined) {
      onUsage(usage);
    }
    return usage !== undefined && emptyChoices.test(text);
  };

  const keep = (event: Buffer): boolean => {
    const wasLong = isLongEvent;
    isLongEvent = false;
    return wasLong || !isUsageEvent(event) || !strip;
  };

  return {
    push: (chunk) => {
      let rest = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      const passed: Buffer[] = [];
      for (let end = endOfEvent(rest); end !== -1; end = endOfEvent(rest)) {
        const event = rest.subarray(0, end);
        if (keep(event)) {
          passed.push(event);
        }
        rest = rest.subarray(end);
      }
      if (isLongEvent || rest.length > longestEvent) {
        isLongEvent = true;
        // A blank line may be split between this chunk and the next.
        const cut = Math.max(rest.length - 3, 0);
        passed.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }
      held = rest;
      return passed.length > 0 ? Buffer.concat(passed) : undefined;
    },
    end: () => (held.length > 0 && keep(held) ? held : undefined),
  };
}

/** The offset behind the blank line that ends an event; -1 where there is none yet. */
function endOfEvent(bytes: Buffer): number {
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    if (bytes[at + 1] === newline) {
      return at + 2;
    }
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === newline) {
      return at + 3;
    }
  }
  return -1;
}
