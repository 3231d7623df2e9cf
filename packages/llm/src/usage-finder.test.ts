import { expect, test } from "@jest/globals";
import { seededRandom } from "@pyworker/testing";
import { cutAnywhere } from "./cut-anywhere.test.fixture.ts";
import { readUsage, type Usage } from "./usage.ts";
import { createUsageFinder } from "./usage-finder.ts";

const usage = { prompt_tokens: 9, total_tokens: 11, completion_tokens: 2 };
const found: Usage = { promptTokens: 9, completionTokens: 2, cachedTokens: undefined };
const choices = [{ index: 0, text: 'It says: "usage": {"prompt_tokens": 1} and "usage"', finish_reason: "length" }];

test.each<[name: string, answer: unknown, expected: Usage | undefined]>([
  ["as vLLM sends it", { choices, usage }, found],
  ["before a long list", { choices, usage, prompt_token_ids: Array.from({ length: 1500 }, (_, id) => id) }, found],
  ["before a text that is called usage", { choices, usage, prompt_text: "usage" }, found],
  [
    "with cached tokens",
    { usage: { ...usage, prompt_tokens_details: { cached_tokens: 4 } } },
    { ...found, cachedTokens: 4 },
  ],
  [
    "with nulls",
    { usage: { ...usage, prompt_tokens_details: null, completion_tokens: null } },
    { ...found, completionTokens: undefined },
  ],
  ["null", { choices, usage: null }, undefined],
  ["absent", { choices }, undefined],
  ["of another shape", { usage: { prompt_tokens: "9" } }, undefined],
  ["negative", { usage: { ...usage, prompt_tokens: -1 } }, undefined],
  ["of an embedding", { usage: { prompt_tokens: 9, total_tokens: 9 } }, { ...found, completionTokens: undefined }],
])("finds usage %s, however the answer is cut, and passes every chunk as it is", (_name, answer, expected) => {
  for (const text of [JSON.stringify(answer), JSON.stringify(answer, null, 2)]) {
    for (const [seed, most] of [1, 6, 100, 100_000].entries()) {
      const told: (Usage | undefined)[] = [];
      const finder = createUsageFinder((holder) => told.push(readUsage(holder)));
      for (const chunk of cutAnywhere(Buffer.from(text), { most, random: seededRandom(seed) })) {
        expect(finder.push(chunk)).toBe(chunk);
      }
      expect(finder.end()).toBeUndefined();
      expect(told.filter(Boolean)).toEqual(expected === undefined ? [] : [expected]);
    }
  }
});

test.each(['{"usage":', '{"usage":{"prompt_tokens":1', "", "not JSON", '"usage":}{'])("finds none in %j", (text) => {
  const told: unknown[] = [];
  const finder = createUsageFinder((holder) => told.push(holder));
  finder.push(Buffer.from(text));
  finder.end();
  expect(told).toEqual([]);
});
