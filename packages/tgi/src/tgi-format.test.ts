import { describe, expect, test } from "@jest/globals";
import { createSumFormat, generateFormat, tgiOpenAiFormat } from "./tgi-format.ts";

const usage = (promptTokens: number, completionTokens: number) => ({
  promptTokens,
  completionTokens,
  cachedTokens: undefined,
});
const head = { "content-type": "application/json", "x-prompt-tokens": "12", "x-generated-tokens": "34" };

describe("the head of an answer in one piece", () => {
  test("tells its usage, on every route", () => {
    expect(generateFormat().usageOfHeaders?.(head)).toEqual(usage(12, 34));
    expect(tgiOpenAiFormat.usageOfHeaders?.(head)).toEqual(usage(12, 34));
  });

  test("tells the tokens of the best of several answers, and those of the others count as well", () => {
    expect(generateFormat(2).usageOfHeaders?.(head)).toEqual(usage(12, 68));
  });

  test.each([
    {},
    { "x-prompt-tokens": "12" },
    { "x-prompt-tokens": "many", "x-generated-tokens": "34" },
    { "x-prompt-tokens": "-1", "x-generated-tokens": "34" },
    { "x-prompt-tokens": ["1", "2"], "x-generated-tokens": "34" },
  ])("tells nothing as %j", (headers) => {
    expect(generateFormat().usageOfHeaders?.(headers)).toBeUndefined();
    expect(generateFormat(2).usageOfHeaders?.(headers)).toBeUndefined();
  });
});

describe("an event of /generate_stream", () => {
  const token = { id: 1, text: "a", logprob: -0.5, special: false };
  const event = { index: 1, token, generated_text: null, details: null };
  const details = { finish_reason: "length", generated_tokens: 7, seed: null, input_length: 3 };

  test("is one token", () => {
    expect(generateFormat().hasTokenPerEvent).toBe(true);
    expect(generateFormat().usageOf(event)).toBeUndefined();
    expect(generateFormat().errorOf(event)).toBeUndefined();
  });

  test("tells the usage when it is the last, where details were asked for", () => {
    expect(generateFormat().usageOf({ ...event, generated_text: "abc" })).toBeUndefined();
    expect(generateFormat().usageOf({ ...event, generated_text: "abc", details })).toEqual(usage(3, 7));
  });
});

test.each([
  [{ error: "Model is overloaded", error_type: "overloaded" }, "Model is overloaded"],
  [{ error: { message: "Input validation error", http_status_code: 422 } }, "Input validation error"],
])("%j says that the answer has failed", (event, reason) => {
  expect(generateFormat().errorOf(event)).toBe(reason);
  expect(tgiOpenAiFormat.errorOf(event)).toBe(reason);
});

test("the answers to several prompts cost what they cost together", () => {
  const format = createSumFormat();
  const last = (prompt: number, completion: number) => ({
    choices: [{ index: 0, text: "", finish_reason: "length" }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  });
  expect(format.usageOf({ choices: [{ index: 0, text: "a", finish_reason: "" }] })).toBeUndefined();
  expect(format.usageOf(last(3, 7))).toEqual(usage(3, 7));
  expect(format.usageOf(last(5, 2))).toEqual(usage(8, 9));
  expect(createSumFormat().usageOf(last(1, 1))).toEqual(usage(1, 1));
});
