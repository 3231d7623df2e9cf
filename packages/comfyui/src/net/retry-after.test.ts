import { describe, expect, test } from "@jest/globals";
import { retryAfter } from "./retry-after.ts";

describe("retry after", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0) / 1000;

  test.each([
    ["7", 7000],
    ["0", 0],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("reads %p as %p ms", (header, milliseconds) => {
    expect(retryAfter(header, now)).toBe(milliseconds);
  });
});
