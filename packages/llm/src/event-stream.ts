import type { ModelResponse } from "@pyworker/core";

const newline = 0x0a;
const carriageReturn = 0x0d;
/** An event longer than this holds nothing of interest: it is passed on unread. */
const longestEvent = 64 * 1024;
/** What a blank line may begin with in one chunk and end with in the next: `\n\r\n` without its last byte, and one more. */
const longestBlankLine = 3;

/** Sees an answer go by, chunk by chunk. */
export interface AnswerReader {
  /** What is sent in place of this chunk. */
  push(chunk: Buffer): Buffer | undefined;
  /** What is still to be sent when the answer is complete. */
  end(): Buffer | undefined;
}

/** For an answer of which nothing is to be known. */
export const passAll: AnswerReader = { push: (chunk) => chunk, end: () => undefined };

export const isEventStream = (headers: ModelResponse["headers"]): boolean =>
  String(headers["content-type"]).startsWith("text/event-stream");

interface EventStreamOptions {
  /** Whether events are taken out: those for which `onEvent` returns true. */
  strips: boolean;
  /** Called with the bytes of each event, its blank line included; undefined for one that is too long to be read. */
  onEvent(event: Buffer | undefined): boolean;
}

/**
 * Cuts a stream of server-sent events into its events. Every byte that is not taken out passes as it came, and at once:
 * where there is something to take out, only an event that has not ended is held back.
 */
export function createEventStream({ strips, onEvent }: EventStreamOptions): AnswerReader {
  let held: Buffer = Buffer.alloc(0);
  let isLongEvent = false;
  return {
    push: (chunk) => {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const kept: Buffer[] = [];
      let keptUntil = 0;
      let start = 0;
      for (let end = endOfEvent(bytes, 0); end !== -1; end = endOfEvent(bytes, end)) {
        if (onEvent(isLongEvent ? undefined : bytes.subarray(start, end))) {
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
      if (!strips) {
        return chunk;
      }
      const rest = bytes.subarray(keptUntil, start);
      const passed = kept.length === 0 ? rest : Buffer.concat([...kept, rest]);
      return passed.length > 0 ? passed : undefined;
    },
    end: () => {
      const isDropped = held.length > 0 && !isLongEvent && onEvent(held);
      return strips && !isDropped && held.length > 0 ? held : undefined;
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

/** The JSON of an event: its lines of data, without comments and other fields. Undefined where that is none. */
export function parseEvent(event: Buffer): unknown {
  const data = event
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length))
    .join("\n");
  return parseOrUndefined(data);
}

export function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
