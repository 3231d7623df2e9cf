import { expect, test } from "@jest/globals";
import { seedField } from "./seed-field.ts";

test.each([
  [0, 0],
  [42, 42],
  ["42", 42],
  [7n, 7],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ["9007199254740992", 9_007_199_254_740_992n],
  [18_446_744_073_709_551_615n, 18_446_744_073_709_551_615n],
  ["18446744073709551615", 18_446_744_073_709_551_615n],
])("takes %p", (value, seed) => {
  expect(seedField.parse(value)).toBe(seed);
});

test.each([
  -1,
  -1n,
  1.5,
  Number.NaN,
  "",
  "-1",
  "1.5",
  "0x10",
  "1e3",
  " 1",
  null,
  {},
  2n ** 64n,
  "18446744073709551616",
])("refuses %p", (value) => {
  expect(seedField.safeParse(value).error?.issues[0]?.message).toBe(
    "expected a whole number from 0 to 18446744073709551615",
  );
});

test("refuses a number that is no longer exact, and says how to send it", () => {
  expect(seedField.safeParse(2 ** 60).error?.issues[0]?.message).toMatch("send it as a string");
});
