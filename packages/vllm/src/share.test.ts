import { expect, test } from "@jest/globals";
import { countOr, shareOf } from "./share.ts";

test.each([
  [10, 10, 500],
  [15, 10, 750],
  [0, 10, 50],
  [-5, 10, 50],
  [1e9, 10, 4000],
  [Number.POSITIVE_INFINITY, 10, 4000],
  [Number.NaN, 10, 500],
])("%d of %d costs %d", (size, reference, workload) => {
  expect(shareOf(size, reference)).toBe(workload);
});

test.each<[value: unknown, count: number]>([
  [3, 3],
  [0.5, 0.5],
  ["3", 3],
  [" 4 ", 4],
  ["", 7],
  ["x", 7],
  ["1e400", 7],
  ["9".repeat(4000), 7],
  [0, 7],
  [-1, 7],
  [Number.NaN, 7],
  [Number.POSITIVE_INFINITY, 7],
  [10n, 7],
  [null, 7],
  [[3], 7],
  [{}, 7],
  [true, 7],
])("%p counts %d", (value, count) => {
  expect(countOr(value, 7)).toBe(count);
});
