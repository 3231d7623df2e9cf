import { expect, test } from "@jest/globals";
import { stepFault, steppedField } from "./stepped-field.ts";

const sides = { minimum: 16, maximum: 1280, step: 16 };
const frames = { minimum: 1, maximum: 121, step: 4 };
const seconds = { minimum: 1, maximum: 240, step: 0.1 };

test.each([
  [640, sides],
  [16, sides],
  [1280, sides],
  [1, frames],
  [81, frames],
  [121, frames],
  [1, seconds],
  [1.3, seconds],
  [239.9, seconds],
  [240, seconds],
])("takes %d of %j", (value, range) => {
  expect(stepFault(value, range)).toBeUndefined();
});

test.each([
  [641, sides, "641 is none of the values, which go in steps of 16: use 640 or 656"],
  [655.5, sides, "655.5 is none of the values, which go in steps of 16: use 656 or 640"],
  [0, sides, "0 is not from 16 to 1280: use 16"],
  [1296, sides, "1296 is not from 16 to 1280: use 1280"],
  [80, frames, "80 is none of the values, which go from 1 in steps of 4: use 81 or 77"],
  [200, frames, "200 is not from 1 to 121: use 121"],
  [121, { ...frames, maximum: 120 }, "121 is not from 1 to 117: use 117"],
  [30.26, seconds, "30.26 is none of the values, which go from 1 in steps of 0.1: use 30.3 or 30.2"],
])("names what is near %d of %j", (value, range, message) => {
  expect(stepFault(value, range)).toBe(message);
});

test("refuses what is no number", () => {
  const field = steppedField(sides);
  for (const value of ["640", null, Number.NaN, Number.POSITIVE_INFINITY, 640n]) {
    expect(field.safeParse(value).error?.issues[0]?.message).toBe("expected a number from 16 to 1280");
  }
  expect(field.parse(640)).toBe(640);
  expect(field.safeParse(641).error?.issues[0]?.message).toMatch("use 640 or 656");
});
