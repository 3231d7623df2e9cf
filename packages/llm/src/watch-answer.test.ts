import { beforeAll, describe, expect, test } from "@jest/globals";
import { openAiFormat } from "./answer-format.ts";
import { counter, eventHead, eventOf, jsonHead, watch } from "./watch.test.fixture.ts";

const usage = { prompt_tokens: 40, completion_tokens: 20, total_tokens: 60 };
const token = Buffer.from(eventOf({ choices: [{ index: 0, text: "a" }] }));

beforeAll(() => counter.load());

describe("what a request costs", () => {
  test("is the counted prompt's price while it runs, and the usage's at its end", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, jsonHead);
    clock.advance(60);
    expect(settled).toEqual([100 + 25]);
    watcher.chunk(Buffer.from(JSON.stringify({ choices: [], usage })));
    expect(settled).toEqual([125]);
    watcher.end?.();
    expect(settled).toEqual([125, 30]);
  });

  test("is the usage's alone where that comes first", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, jsonHead);
    watcher.chunk(Buffer.from(JSON.stringify({ usage })));
    watcher.end?.();
    clock.advance(1000);
    expect(settled).toEqual([30]);
  });

  test("stays the counted prompt's where the engine tells no usage", () => {
    const { clock, settled, watcher } = watch();
    watcher.head?.(200, jsonHead);
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
    const { settled, watcher } = watch({ strips: true });
    watcher.head?.(200, eventHead);
    expect(watcher.chunk(Buffer.from(eventOf({ choices: [], usage })))).toBeUndefined();
    expect(settled).toEqual([30]);
    expect(watcher.chunk(Buffer.from("data: [DONE]\n\n"))?.toString()).toBe("data: [DONE]\n\n");
    expect(watcher.end?.()).toBeUndefined();
    expect(settled).toEqual([30]);
  });

  test("is put together from what a stream tells first and last", () => {
    const { settled, watcher } = watch();
    watcher.head?.(200, eventHead);
    const start = { type: "message_start", message: { usage: { input_tokens: 40, output_tokens: 0 } } };
    watcher.chunk(Buffer.from(eventOf(start)));
    watcher.chunk(Buffer.from(eventOf({ type: "message_delta", usage: { output_tokens: 20 } })));
    watcher.end?.();
    expect(settled.at(-1)).toBe(30);
  });

  test("is known from the head where the engine tells it there", () => {
    const usageOfHeaders = () => ({ promptTokens: 40, completionTokens: 20, cachedTokens: undefined });
    const { settled, watcher } = watch({ format: { ...openAiFormat, usageOfHeaders } });
    watcher.head?.(200, jsonHead);
    watcher.end?.();
    expect(settled).toEqual([30]);
  });

  test("is counted by events where each is a token and nothing else tells", () => {
    const { settled, watcher } = watch({ format: { ...openAiFormat, hasTokenPerEvent: true } });
    watcher.head?.(200, eventHead);
    for (let event = 0; event < 20; event += 1) {
      watcher.chunk(token);
    }
    watcher.end?.();
    // By its bytes the prompt has 150 tokens.
    expect(settled.at(-1)).toBe(20 + Math.round(150 / 4));
  });

  test("is not taught by a failure: its event is no token", () => {
    const { settled, watcher } = watch({ format: { ...openAiFormat, hasTokenPerEvent: true } });
    watcher.head?.(200, eventHead);
    watcher.chunk(Buffer.from(eventOf({ error: "Model is overloaded" })));
    watcher.end?.();
    expect(settled).toEqual([]);
  });

  test("stays the estimate where the engine refuses the request", () => {
    const { settled, watcher } = watch();
    watcher.head?.(400, jsonHead);
    watcher.chunk(Buffer.from(JSON.stringify({ error: "no", usage })));
    watcher.end?.();
    expect(settled).toEqual([]);
  });
});

describe("what remains of it", () => {
  test("is less with each token, and nothing once the usage has come", () => {
    const { remaining, watcher } = watch();
    watcher.head?.(200, eventHead);
    watcher.chunk(token);
    watcher.chunk(Buffer.concat([token, token, Buffer.from(": keep-alive\n\n")]));
    watcher.chunk(Buffer.from(eventOf({ choices: [], usage })));
    expect(remaining).toEqual([99, 97, 0]);
  });

  test("follows the engine's own count where every event tells it", () => {
    const { remaining, watcher } = watch();
    watcher.head?.(200, eventHead);
    const told = { prompt_tokens: 100, completion_tokens: 30 };
    watcher.chunk(Buffer.from(eventOf({ choices: [{ index: 0, text: "a" }], usage: told })));
    expect(remaining).toEqual([70]);
  });
});

describe("an answer has failed although its status was 200", () => {
  test.each([
    ["an error of vLLM's", { error: { message: "EngineCore died", code: 500 } }, "EngineCore died"],
    [
      "an error in a word",
      { error: "Request failed during generation", error_type: "generation" },
      "Request failed during generation",
    ],
    ["an error of messages", { type: "error", error: { type: "internal_error", message: "oops" } }, "oops"],
    ["a response that failed", { type: "response.failed", response: { error: { message: "oops" } } }, "oops"],
  ])("by %s", (_name, event, reason) => {
    const { failures, watcher } = watch();
    watcher.head?.(200, eventHead);
    const bytes = Buffer.from(eventOf(event));
    expect(watcher.chunk(bytes)).toBe(bytes);
    expect(failures).toEqual([reason]);
  });

  test("but not by a text that speaks of errors, nor by a response that has none", () => {
    const { failures, watcher } = watch();
    watcher.head?.(200, eventHead);
    watcher.chunk(Buffer.from(eventOf({ choices: [{ text: '{"error": "no"}' }] })));
    watcher.chunk(Buffer.from(eventOf({ type: "response.created", response: { error: null } })));
    expect(failures).toEqual([]);
  });
});

describe("what is expected of the next answer", () => {
  const told = eventOf({ choices: [], usage });

  test("is learned from this one", () => {
    const { estimate, watcher } = watch({ promptWeight: 0 });
    watcher.head?.(200, eventHead);
    watcher.chunk(Buffer.from(told));
    watcher.end?.();
    expect(estimate()).toBe(96);
  });

  test("is not learned from one that failed, even where it told its usage", () => {
    const { estimate, failures, watcher } = watch({ promptWeight: 0 });
    watcher.head?.(200, eventHead);
    watcher.chunk(Buffer.from(eventOf({ error: "died" }) + told));
    watcher.end?.();
    expect([failures, estimate()]).toEqual([["died"], 100]);
  });
});

test("an answer that is no stream passes at once, even where a stream was asked for", () => {
  const { watcher } = watch({ strips: true });
  watcher.head?.(400, jsonHead);
  expect(watcher.rewrites).toBe(false);
  const refusal = Buffer.from('{"error":{"message":"too large"}}');
  expect(watcher.chunk(refusal)).toBe(refusal);
  expect(watcher.end?.()).toBeUndefined();
});
