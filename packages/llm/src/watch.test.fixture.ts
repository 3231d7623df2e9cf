import { manualClock } from "@pyworker/testing";
import { createTokenCounter } from "@pyworker/tokens";
import { type AnswerFormat, openAiFormat } from "./answer-format.ts";
import { createCountQueue } from "./count-queue.ts";
import { createPricing } from "./pricing.ts";
import { readCompletion } from "./text-task.ts";
import { watchAnswer } from "./watch-answer.ts";

export const counter = createTokenCounter({ now: () => 0 });

interface WatchSettings {
  strips?: boolean;
  format?: AnswerFormat;
  promptWeight?: number;
}

/** Watches the answer to a request of exactly 100 tokens for at most 100, and keeps what is booked. */
export function watch({ strips = false, format = openAiFormat, promptWeight }: WatchSettings = {}) {
  const clock = manualClock();
  const settled: number[] = [];
  const remaining: number[] = [];
  const failures: string[] = [];
  const controller = new AbortController();
  const task = readCompletion({ prompt: " hello".repeat(100), max_tokens: 100 });
  const pricing = createPricing({ promptWeight, maxModelLength: () => Number.POSITIVE_INFINITY });
  const watcher = watchAnswer({
    task,
    pricing,
    queue: createCountQueue({ counter, clock }),
    format,
    strips,
    books: {
      settle: (workload) => settled.push(workload),
      remaining: (workload) => remaining.push(workload),
      fail: (reason) => failures.push(reason),
      signal: controller.signal,
    },
  });
  /** What the next such request is expected to cost. */
  const estimate = (): number => pricing.estimate(task);
  return { clock, settled, remaining, failures, watcher, estimate, leave: () => controller.abort() };
}

export const eventHead = { "content-type": "text/event-stream; charset=utf-8" };
export const jsonHead = { "content-type": "application/json" };
export const eventOf = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
