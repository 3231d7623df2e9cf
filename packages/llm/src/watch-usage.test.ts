import { beforeAll, describe, expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import { createTokenCounter } from "@pyworker/tokens";
import { createCountQueue } from "./count-queue.ts";
import { readCompletion } from "./text-task.ts";
import { watchUsage } from "./watch-usage.ts";
import { createPricing } from "./workload.ts";

const counter = createTokenCounter({ now: () => 0 });
const usage = { prompt_tokens: 40, completion_tokens: 20, total_tokens: 60 };
const events = { "content-type": "text/event-stream; charset=utf-8" };
const json = { "content-type": "application/json" };

beforeAll(() => counter.load());

describe("what a request costs", () => {
  test("is the counted prompt's price while it runs, and the usage's at its end", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, json);
    clock.advance(60);
    expect(settled).toEqual([100 + 25]);
    watcher.chunk(Buffer.from(JSON.stringify({ choices: [], usage })));
    expect(settled).toEqual([125]);
    watcher.end?.();
    expect(settled).toEqual([125, 30]);
  });

  test("is the usage's alone where that comes first", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, json);
    watcher.chunk(Buffer.from(JSON.stringify({ usage })));
    watcher.end?.();
    clock.advance(1000);
    expect(settled).toEqual([30]);
  });

  test("stays the counted prompt's where the engine tells no usage", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, json);
    clock.advance(60);
    watcher.chunk(Buffer.from('{"choices":[]}'));
    watcher.end?.();
    clock.advance(1000);
    expect(settled).toEqual([125]);
  });

  test("stays the estimate where the client leaves before the prompt is counted", () => {
    const { clock, leave, settled } = watch();
    leave();
    clock.advance(1000);
    expect(settled).toEqual([]);
  });

  test("is known from the usage event, before the stream ends", () => {
    const { settled, watcher } = watch({ strip: true });
    watcher.head?.(200, events);
    expect(watcher.chunk(Buffer.from(`data: ${JSON.stringify({ choices: [], usage })}\n\n`))).toBeUndefined();
    expect(settled).toEqual([30]);
    expect(watcher.chunk(Buffer.from("data: [DONE]\n\n"))?.toString()).toBe("data: [DONE]\n\n");
    expect(watcher.end?.()).toBeUndefined();
    expect(settled).toEqual([30]);
  });
});

test("an answer that is no stream passes at once, even where a stream was asked for", () => {
  const { watcher } = watch({ strip: true });
  watcher.head?.(400, json);
  expect(watcher.rewrites).toBe(false);
  const refusal = Buffer.from('{"error":{"message":"too large"}}');
  expect(watcher.chunk(refusal)).toBe(refusal);
  expect(watcher.end?.()).toBeUndefined();
});

function watch({ strip = false }: { strip?: boolean } = {}) {
  const clock = manualClock();
  const settled: number[] = [];
  const controller = new AbortController();
  const watcher = watchUsage({
    // Exactly 100 tokens.
    task: readCompletion({ prompt: " hello".repeat(100), max_tokens: 100 }, 16),
    pricing: createPricing({ maxModelLength: () => Number.POSITIVE_INFINITY }),
    queue: createCountQueue({ counter, clock }),
    strip,
    settle: (workload) => settled.push(workload),
    signal: controller.signal,
  });
  return { clock, settled, watcher, leave: () => controller.abort() };
}
