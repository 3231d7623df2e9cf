import { expect, test } from "@jest/globals";
import { drawFrom, randomSeed } from "./random.ts";

test("draws seeds of 32 bits, another each time", () => {
  const seeds = Array.from({ length: 50 }, randomSeed);
  expect(new Set(seeds).size).toBeGreaterThan(45);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
});

test("draws every item", () => {
  expect(new Set(Array.from({ length: 500 }, () => drawFrom(["a", "b", "c"]))).size).toBe(3);
});
