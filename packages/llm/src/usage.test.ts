import { expect, test } from "@jest/globals";
import { mergeUsage, readUsage } from "./usage.ts";

const none = { promptTokens: undefined, completionTokens: undefined, cachedTokens: undefined };

test.each([
  [
    "a chat",
    { usage: { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } } },
    { promptTokens: 9, completionTokens: 2, cachedTokens: 4 },
  ],
  [
    "a response",
    { usage: { input_tokens: 9, output_tokens: 2, input_tokens_details: { cached_tokens: 4 } } },
    { promptTokens: 9, completionTokens: 2, cachedTokens: 4 },
  ],
  [
    "the last event of a streamed response",
    { type: "response.completed", response: { usage: { input_tokens: 9, output_tokens: 2 } } },
    { ...none, promptTokens: 9, completionTokens: 2 },
  ],
  [
    "a message, which counts apart what was cached",
    { usage: { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 4 } },
    { promptTokens: 9, completionTokens: 2, cachedTokens: 4 },
  ],
  [
    "the first event of a streamed message",
    { type: "message_start", message: { usage: { input_tokens: 9, output_tokens: 0 } } },
    { ...none, promptTokens: 9, completionTokens: 0 },
  ],
  ["its last", { type: "message_delta", delta: {}, usage: { output_tokens: 7 } }, { ...none, completionTokens: 7 }],
  ["a ranking", { usage: { total_tokens: 9 } }, { ...none, promptTokens: 9 }],
])("reads the usage of %s", (_name, value, expected) => {
  expect(readUsage(value)).toEqual(expected);
});

test.each([null, 5, [], {}, { usage: null }, { usage: {} }, { usage: { prompt_tokens: "9" } }, { response: null }])(
  "finds none in %j",
  (value) => {
    expect(readUsage(value)).toBeUndefined();
  },
);

test("what comes later completes what came before", () => {
  const start = { ...none, promptTokens: 9, completionTokens: 0 };
  expect(mergeUsage(start, { ...none, completionTokens: 7 })).toEqual({ ...start, completionTokens: 7 });
  expect(mergeUsage(undefined, start)).toEqual(start);
});
