import type { ResponseWatcher, WatchContext } from "@pyworker/core";
import { type AnswerFormat, errorMark } from "./answer-format.ts";
import type { CountQueue } from "./count-queue.ts";
import { createEventStream, isEventStream, parseEvent, passAll } from "./event-stream.ts";
import type { Pricing } from "./pricing.ts";
import type { TextTask } from "./text-task.ts";
import { mergeUsage, type Usage } from "./usage.ts";
import { createUsageFinder } from "./usage-finder.ts";

interface WatchOptions {
  task: TextTask;
  pricing: Pricing;
  queue: CountQueue;
  format: AnswerFormat;
  /** Whether the usage event of a stream is taken out. */
  strips: boolean;
  books: Pick<WatchContext<unknown>, "settle" | "remaining" | "fail" | "signal">;
}

/** Only an event that holds this, or the mark of an error, is parsed. */
const usageMark = Buffer.from('_tokens":');
const colon = 0x3a;

/**
 * Books what a request really costs: its prompt as soon as it has been counted, what remains of it as tokens arrive, all
 * of it as soon as the answer says so; and that it has failed, where the answer says that with the status long sent.
 */
export function watchAnswer({ task, pricing, queue, format, strips, books }: WatchOptions): ResponseWatcher {
  const bill = pricing.open(task);
  let booked = bill.total;
  let bookedRemaining = bill.remaining;
  let events = 0;
  let usage: Usage | undefined;
  let billed: Usage | undefined;
  let hasFailed = false;
  let reader = passAll;
  let rewrites = false;

  const book = (): void => {
    if (bill.total !== booked) {
      booked = bill.total;
      books.settle(booked);
    }
    if (bill.remaining !== bookedRemaining) {
      bookedRemaining = bill.remaining;
      books.remaining(bookedRemaining);
    }
  };
  const stopCounting = queue.add(task.texts, (tokens) => {
    bill.promptCounted(tokens);
    book();
  });
  books.signal.addEventListener("abort", stopCounting, { once: true });

  const learn = (found: Usage | undefined): void => {
    usage = found === undefined ? usage : mergeUsage(usage, found);
  };
  const settle = (): void => {
    stopCounting();
    if (usage !== undefined && usage !== billed) {
      billed = usage;
      bill.used(usage);
      book();
      // Where an answer broke off says nothing of how long others are.
      if (!hasFailed && usage.completionTokens !== undefined) {
        pricing.learn(task, usage.completionTokens);
      }
    }
  };

  /** True for an event of usage alone. */
  const readEvent = (event: Buffer | undefined): boolean => {
    // An event that begins with a comment is most likely one that says no more than "still here".
    events += event?.[0] === colon ? 0 : 1;
    if (event === undefined || !(event.includes(usageMark) || event.includes(errorMark))) {
      return false;
    }
    const value = parseEvent(event);
    const failure = format.errorOf(value);
    if (failure !== undefined) {
      hasFailed = true;
      books.fail(failure);
    }
    const found = format.usageOf(value);
    learn(found);
    const isUsageAlone = found !== undefined && isWithoutChoices(value);
    if (isUsageAlone) {
      settle();
    }
    return isUsageAlone;
  };

  return {
    get rewrites() {
      return rewrites;
    },
    head: (status, headers) => {
      if (status >= 400) {
        return;
      }
      learn(format.usageOfHeaders?.(headers));
      const isStream = isEventStream(headers);
      reader = isStream
        ? createEventStream({ strips, onEvent: readEvent })
        : createUsageFinder((holder) => learn(format.usageOf(holder)));
      rewrites = isStream && strips;
    },
    chunk: (chunk) => {
      const before = events;
      const passed = reader.push(chunk);
      if (events !== before) {
        bill.outputSeen(Math.max(events, usage?.completionTokens ?? 0));
        book();
      }
      return passed;
    },
    end: () => {
      const rest = reader.end();
      if (format.hasTokenPerEvent && events > 0 && !hasFailed) {
        learn({
          promptTokens: undefined,
          cachedTokens: undefined,
          completionTokens: usage?.completionTokens ?? events,
        });
      }
      settle();
      return rest;
    },
  };
}

const isWithoutChoices = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "choices" in value &&
  Array.isArray(value.choices) &&
  value.choices.length === 0;
