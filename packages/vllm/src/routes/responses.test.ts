import { describe, expect, test } from "@jest/globals";
import { accepted, benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const path = "/v1/responses";
const text = "x".repeat(400);
const costOf = (promptTokens: number, messages: number, output: number) =>
  Math.round(0.25 * (promptTokens + 5 * (messages + 1)) + output);

describe("the price of a response", () => {
  test.each<[name: string, payload: object, workload: number]>([
    ["counts a text", { input: text, max_output_tokens: 8 }, costOf(100, 1, 8)],
    ["is that of a usual answer without a limit", { input: text }, costOf(100, 1, 500)],
    ["counts instructions", { input: text, instructions: text, max_output_tokens: 8 }, costOf(200, 2, 8)],
    [
      "counts messages",
      {
        input: [
          { role: "user", content: text },
          { role: "assistant", content: [{ type: "output_text", text }] },
        ],
        max_output_tokens: 8,
      },
      costOf(200, 2, 8),
    ],
    [
      "counts a picture",
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }], max_output_tokens: 8 },
      costOf(500, 1, 8),
    ],
    [
      "counts what a tool has said",
      { input: [{ type: "function_call_output", call_id: "1", output: text }], max_output_tokens: 8 },
      costOf(100, 1, 8),
    ],
    [
      "counts thoughts",
      { input: [{ type: "reasoning", summary: [{ type: "summary_text", text }] }], max_output_tokens: 8 },
      costOf(100, 1, 8),
    ],
    [
      "leaves what it doesn't know",
      { input: [{ type: "computer_call_output", output: { type: "x" } }], max_output_tokens: 8 },
      costOf(0, 1, 8),
    ],
  ])("%s", (_name, payload, workload) => {
    expect(workloadOf(path, payload)).toBe(workload);
  });

  test("counts tools, and the calls of them", () => {
    const call = { type: "function_call", name: "weather", arguments: text };
    const called = workloadOf(path, { input: [call], max_output_tokens: 8 });
    expect(called).toBeGreaterThan(costOf(100, 1, 8));
    expect(workloadOf(path, { input: [call], tools: [call], max_output_tokens: 8 })).toBeGreaterThan(called + 25);
  });

  test("is max_output_tokens alone for the Python worker", () => {
    expect(workloadOf(path, { input: text, max_output_tokens: 8 }, { workload: { count: "max_tokens" } })).toBe(8);
  });
});

test("a request that was wrapped is unwrapped", () => {
  expect(accepted(path, { input: text }).transform()).toBeUndefined();
  expect(accepted(path, { input: { input: text } }).transform()).toEqual({ input: text });
});

describe("refused is", () => {
  test.each<[payload: object, at: string]>([
    [{}, "input"],
    [{ input: 5 }, "input"],
    [{ input: [5] }, "input.0"],
    [{ input: [{ role: "user", content: 5 }] }, "input.0.content"],
    [{ input: [{ role: "user", content: [{ text: 5 }] }] }, "input.0.content.0.text"],
    [{ input: "Hi", max_output_tokens: -1 }, "max_output_tokens"],
    [{ input: { input: "Hi", tools: "all" } }, "input.tools"],
  ])("%j", (payload, at) => {
    expect(faultsOf(path, payload).paths).toEqual([at]);
  });
});

test("responses are asked for, and called off, by their id", () => {
  expect(handlerOf(path).passthrough).toEqual(
    expect.arrayContaining([
      { method: "GET", path: "/v1/responses/*" },
      { method: "POST", path: "/v1/responses/*" },
      { method: "GET", path: "/v1/models" },
    ]),
  );
});

test("it is measured by an answer that the engine need not keep", async () => {
  const { payload } = await benchmarkOf(path);
  expect(payload).toMatchObject({ model: "mine", max_output_tokens: 500, store: false });
});
