import { expect, test } from "@jest/globals";
import { isDeeperThan } from "./json-depth.ts";

test.each([
  [5, 0],
  ["text", 0],
  [null, 0],
  [[], 1],
  [{}, 1],
  [[1, [2], 3], 2],
  [{ a: { b: [] }, c: 1 }, 3],
])("%j nests %d deep", (value, depth) => {
  expect(isDeeperThan(depth, value)).toBe(false);
  expect(depth > 0 && isDeeperThan(depth - 1, value)).toBe(depth > 0);
});

test("finds its limit in what nests a million deep", () => {
  expect(isDeeperThan(500, JSON.parse("[".repeat(1_000_000) + "]".repeat(1_000_000)))).toBe(true);
});
