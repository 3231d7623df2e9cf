import { expect, test } from "@jest/globals";
import { bareOrWrapped, completionSchema, createPricing, readCompletion } from "@pyworker/llm";
import { createTokenCounter } from "@pyworker/tokens";
import { benchmarkPayload } from "./benchmark.ts";
import { createServedModel } from "./served-model.ts";

const pricing = createPricing({ maxModelLength: () => Number.POSITIVE_INFINITY });

test("asks for an answer of known length to words that no cache has seen", () => {
  const payload = benchmarkPayload(createServedModel({ name: "llama" }));
  expect(payload).toMatchObject({ model: "llama", max_tokens: 500, ignore_eos: true });
  expect(payload.prompt.split(" ")).toHaveLength(250);
  expect(benchmarkPayload(createServedModel({})).prompt).not.toBe(payload.prompt);
  expect(benchmarkPayload(createServedModel({}))).not.toHaveProperty("model");
  expect(bareOrWrapped(completionSchema).parse(payload)).toEqual({ request: payload, isWrapped: false });
});

test("is priced by its bytes within 3 % of what its tokens cost", async () => {
  const counter = createTokenCounter();
  await counter.load();
  const payload = benchmarkPayload(createServedModel({}));
  const task = readCompletion(payload, 16);
  const bill = pricing.open(task);
  bill.promptCounted(counter.count(payload.prompt));
  expect(Math.abs(pricing.estimate(task) - bill.total) / bill.total).toBeLessThan(0.03);
});

test.each([64, 512, 1024])("fits a model of %d tokens", (maxLength) => {
  const { max_tokens: tokens, prompt } = benchmarkPayload(createServedModel({ maxLength }));
  expect(tokens + prompt.split(" ").length * 4).toBeLessThanOrEqual(maxLength);
});
