import { expect, test } from "@jest/globals";
import { compareCounts } from "./compare-counts.ts";
import { createTokenCounter } from "./token-counter.ts";

const counter = createTokenCounter();

test("says how far another count is from ours", async () => {
  await counter.load();
  const same = await compareCounts(counter, async (text) => counter.count(text));
  expect(same).toEqual({ deviation: 0, counted: same.expected, expected: same.expected });
  expect(same.expected).toBeGreaterThan(500);
  const double = await compareCounts(counter, async (text) => counter.count(text) * 2);
  expect(double).toEqual({ deviation: -0.5, counted: same.counted, expected: same.counted * 2 });
});

test("fails where the other count can't be had", async () => {
  await expect(compareCounts(counter, () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});
