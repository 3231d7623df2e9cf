import { describe, expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, workloadOf } from "./route.test.fixture.ts";

const path = "/v1/messages";
const text = "x".repeat(400);
const user = { role: "user", content: text };
const costOf = (promptTokens: number, messages: number) => Math.round(0.25 * (promptTokens + 5 * (messages + 1)) + 8);

describe("the price of messages", () => {
  test.each<[name: string, payload: object, workload: number]>([
    ["counts a text", { messages: [user] }, costOf(100, 1)],
    ["counts the system's", { messages: [user], system: text }, costOf(200, 2)],
    ["counts the system's in blocks", { messages: [user], system: [{ type: "text", text }] }, costOf(200, 2)],
    [
      "counts blocks",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text },
              { type: "image", source: {} },
            ],
          },
        ],
      },
      costOf(600, 1),
    ],
    [
      "counts thoughts",
      { messages: [{ role: "assistant", content: [{ type: "thinking", thinking: text }] }] },
      costOf(100, 1),
    ],
    [
      "counts no thoughts that are blacked out",
      { messages: [{ role: "assistant", content: [{ type: "redacted_thinking", data: text }] }] },
      costOf(0, 1),
    ],
    [
      "counts what a tool has said",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "tool_result", content: text },
              { type: "tool_result", content: [{ type: "text", text }] },
            ],
          },
        ],
      },
      costOf(200, 1),
    ],
  ])("%s", (_name, payload, workload) => {
    expect(workloadOf(path, { ...payload, max_tokens: 8 })).toBe(workload);
  });

  test("counts tools, and the calls of them", () => {
    const call = { type: "tool_use", name: "weather", input: { city: text } };
    const payload = { messages: [{ role: "assistant", content: [call] }], max_tokens: 8 };
    expect(workloadOf(path, payload)).toBeGreaterThan(costOf(100, 1));
    expect(workloadOf(path, { ...payload, tools: [{ description: text }] })).toBeGreaterThan(costOf(200, 1));
  });

  test("is max_tokens alone for the Python worker", () => {
    expect(workloadOf(path, { messages: [user], max_tokens: 8 }, { workload: { count: "max_tokens" } })).toBe(8);
  });
});

describe("refused is", () => {
  test.each<[payload: object, at: string[]]>([
    [{ messages: [user] }, ["max_tokens"]],
    [{ messages: [user], max_tokens: 0 }, ["max_tokens"]],
    [{}, ["messages", "max_tokens"]],
    [{ messages: [{ role: "user" }], max_tokens: 8 }, ["messages.0.content"]],
    [{ messages: [{ role: "user", content: [{ text: 5 }] }], max_tokens: 8 }, ["messages.0.content.0.text"]],
    [{ messages: [user], max_tokens: 8, system: 5 }, ["system"]],
    [{ input: { messages: [user] } }, ["input.max_tokens"]],
  ])("%j", (payload, at) => {
    expect(faultsOf(path, payload).paths).toEqual(at);
  });
});

test("they are measured like any text", async () => {
  const { payload } = await benchmarkOf(path);
  expect(payload).toMatchObject({ model: "mine", max_tokens: 500, messages: [{ role: "user" }] });
});
