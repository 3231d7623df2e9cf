import type { ResponseWatcher } from "@pyworker/core";
import type { CountQueue } from "./count-queue.ts";
import type { TextTask } from "./text-task.ts";
import { createUsageFinder, type Usage, type UsageReader } from "./usage.ts";
import { createUsageStream } from "./usage-stream.ts";
import type { Pricing } from "./workload.ts";

interface WatchOptions {
  task: TextTask;
  pricing: Pricing;
  queue: CountQueue;
  /** Whether the usage event of a stream is taken out. */
  strip: boolean;
  settle(workload: number): void;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** Books what a request really costs: its prompt as soon as it has been counted, all of it as soon as the answer says so. */
export function watchUsage({ task, pricing, queue, strip, settle, signal }: WatchOptions): ResponseWatcher {
  const stopCounting = queue.add(task.texts, (tokens) => settle(pricing.reprice(task, tokens)));
  signal.addEventListener("abort", stopCounting, { once: true });
  const onUsage = (usage: Usage): void => {
    stopCounting();
    settle(pricing.settle(task, usage));
  };
  let reader: UsageReader = createUsageFinder(onUsage);
  let rewrites = false;
  return {
    get rewrites() {
      return rewrites;
    },
    head: (_status, headers) => {
      if (String(headers["content-type"]).startsWith("text/event-stream")) {
        reader = createUsageStream({ strip, onUsage });
        rewrites = strip;
      }
    },
    chunk: (chunk) => reader.push(chunk),
    end: () => {
      stopCounting();
      return reader.end();
    },
  };
}
