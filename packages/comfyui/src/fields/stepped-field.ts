import { z } from "zod";

/** The numbers `minimum`, `minimum + step`, `minimum + 2 * step` … up to `maximum`. */
export interface SteppedRange {
  minimum: number;
  maximum: number;
  step: number;
}

/** A number of a range with steps. What is wrong with another is said with the nearest that would do. */
export const steppedField = (range: SteppedRange) =>
  z.number({ error: `expected a number from ${range.minimum} to ${range.maximum}` }).superRefine((value, context) => {
    const message = stepFault(value, range);
    if (message !== undefined) {
      context.addIssue({ code: "custom", message });
    }
  });

/** Why a number is none of a range; undefined where it is one. */
export function stepFault(value: number, { maximum, minimum, step }: SteppedRange): string | undefined {
  const count = (value - minimum) / step;
  const nth = (index: number) => tidy(minimum + index * step);
  const last = nth(Math.floor(tidy((maximum - minimum) / step)));
  if (value < minimum || value > last) {
    return `${value} is not from ${minimum} to ${last}: use ${value < minimum ? minimum : last}`;
  }
  // Divided, 0.3 is three steps of 0.1 but for the last digit.
  if (Math.abs(count - Math.round(count)) < tolerance) {
    return undefined;
  }
  const [near, far] = [Math.floor(count), Math.ceil(count)]
    .map(nth)
    .toSorted((one, other) => Math.abs(one - value) - Math.abs(other - value));
  const goes = minimum === step || minimum === 0 ? `in steps of ${step}` : `from ${minimum} in steps of ${step}`;
  return `${value} is none of the values, which go ${goes}: use ${near} or ${far}`;
}

const tolerance = 1e-6;
const tidy = (value: number): number => Number(value.toFixed(6));
