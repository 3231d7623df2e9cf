import { expect, test } from "@jest/globals";
import { benchmarkText } from "./benchmark-text.ts";

const unlimited = { name: undefined, maxLength: Number.POSITIVE_INFINITY };

test("is words that no cache has seen", () => {
  const { prompt, tokens } = benchmarkText(unlimited);
  expect(tokens).toBe(500);
  expect(prompt.split(" ")).toHaveLength(250);
  expect(benchmarkText(unlimited).prompt).not.toBe(prompt);
});

test.each([64, 512, 1024])("fits a model of %d tokens", (maxLength) => {
  const { prompt, tokens } = benchmarkText({ name: "small", maxLength });
  expect(tokens + prompt.split(" ").length * 4).toBeLessThanOrEqual(maxLength);
});
