import { expect, test } from "@jest/globals";
import { benchmarkConcurrency, benchmarkPayload } from "./benchmark.ts";
import { createModelServer, type ServerLimits } from "./model-server.ts";
import { generateSchema } from "./schemas.ts";

const server = createModelServer();
const unlimited: ServerLimits = server.limits;

test("asks for an answer to words that no cache has seen", () => {
  const payload = benchmarkPayload(server);
  expect(payload.parameters).toEqual({ max_new_tokens: 128, temperature: 0.7, return_full_text: false });
  expect(payload.inputs.split(" ")).toHaveLength(250);
  expect(benchmarkPayload(server).inputs).not.toBe(payload.inputs);
  expect(
    generateSchema(
      () => unlimited,
      () => false,
    ).parse(payload),
  ).toEqual(payload);
});

test.each([
  { inputTokens: 32, totalTokens: 64 },
  { inputTokens: 8, totalTokens: 2048 },
  { inputTokens: 1024, totalTokens: 1025 },
  { inputTokens: 2047, totalTokens: 2048 },
])("fits a server of %j", (given) => {
  const { inputs, parameters } = benchmarkPayload({
    limits: { ...unlimited, ...given },
    maxLength: given.totalTokens,
  });
  const promptTokens = inputs.split(" ").length * 4;
  expect(promptTokens).toBeLessThanOrEqual(given.inputTokens);
  expect(promptTokens + parameters.max_new_tokens).toBeLessThanOrEqual(given.totalTokens);
});

test("sends no more at once than the server takes", () => {
  expect(benchmarkConcurrency(unlimited)).toBe(50);
  expect(benchmarkConcurrency({ ...unlimited, concurrentRequests: 8 })).toBe(8);
});
