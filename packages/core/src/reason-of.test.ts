import { expect, test } from "@jest/globals";
import { reasonOf } from "./reason-of.ts";

test.each([
  [new Error("disk full"), "disk full"],
  [new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }), "connect ECONNREFUSED"],
  [new AggregateError([new Error("no IPv6"), new Error("no IPv4")]), "no IPv6"],
  [new AggregateError([], "none"), "none"],
  [new RangeError(), "RangeError"],
  ["a string", "a string"],
  [undefined, "undefined"],
])("says why of %p", (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
