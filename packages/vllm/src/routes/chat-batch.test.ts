import { describe, expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const path = "/v1/chat/completions/batch";
const user = { role: "user", content: "x".repeat(40) };
const promptTokens = 10 + 2 * 5;

test.each<[payload: object, workload: number]>([
  [{ messages: [[user]], max_tokens: 100 }, 100 + 0.25 * promptTokens],
  [{ messages: [[user], [user]], max_tokens: 100 }, 2 * (100 + 0.25 * promptTokens)],
  [{ messages: [[user]], max_tokens: 100, max_completion_tokens: 50 }, 50 + 0.25 * promptTokens],
  [{ messages: [[user], [user]] }, 2 * (500 + 0.25 * promptTokens)],
])("%j costs %d", (payload, workload) => {
  expect(workloadOf(path, payload)).toBe(workload);
});

test.each<[payload: object, workload: number]>([
  [{ messages: [[user]], max_tokens: 1000 }, 1000],
  [{ messages: [[user]], max_completion_tokens: 100 }, 100],
  [{ messages: [[user], [user]] }, 1000],
  [{ messages: [[user]], max_tokens: 1_000_000 }, 4000],
])("counted as the Python worker does, %j costs %d", (payload, workload) => {
  expect(workloadOf(path, payload, { workload: { count: "max_tokens" } })).toBe(workload);
});

describe("refused is", () => {
  test.each<[payload: object, at: string]>([
    [{}, "messages"],
    [{ messages: [user] }, "messages.0"],
    [{ messages: [[]] }, "messages.0"],
    [{ messages: [[user], [{ content: "Hi" }]] }, "messages.1.0.role"],
    [{ messages: [[{ role: "user", content: 5 }]] }, "messages.0.0.content"],
    [{ messages: [[{ role: "user", content: [{ type: "text", text: 5 }] }]] }, "messages.0.0.content.0.text"],
    [{ messages: [[user]], max_tokens: "many" }, "max_tokens"],
    [{ input: { messages: [user] } }, "input.messages.0"],
  ])("%j", (payload, at) => {
    expect(faultsOf(path, payload).paths).toEqual([at]);
  });
});

test("it is measured by four conversations at once", async () => {
  const { payload, workload } = await benchmarkOf(path);
  expect(payload).toMatchObject({ model: "mine", max_tokens: 125, ignore_eos: true, messages: { length: 4 } });
  expect([workload >= 500, workload <= 1000]).toEqual([true, true]);
  expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 10, runs: 3 });
  expect(await benchmarkOf(path, { workload: { count: "max_tokens" } })).toMatchObject({ workload: 500 });
});
