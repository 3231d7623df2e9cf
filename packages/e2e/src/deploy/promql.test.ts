import { expect, test } from "@jest/globals";
import { readQuery } from "./promql.ts";

test("tells metrics, the labels wanted of them, and what is grouped by", () => {
  expect(readQuery('sum by (le, route) (rate(a_bucket{x=~"b|c", y!="d"}[5m])) > 1 and on (job) e')).toEqual({
    faults: [],
    selectors: [
      {
        metric: "a_bucket",
        matchers: [
          { label: "x", operator: "=~", value: "b|c" },
          { label: "y", operator: "!=", value: "d" },
        ],
      },
      { metric: "e", matchers: [] },
    ],
    groupedBy: ["le", "route", "job"],
  });
});

test.each(["sum(rate(a[5m])", "a{x=b}", "a >", "rate(a[$interval])", "a b", ""])("finds the fault in %p", (text) => {
  expect(readQuery(text).faults).not.toEqual([]);
});
