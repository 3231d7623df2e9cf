import { z } from "zod";

const largest = 2n ** 64n - 1n;
const expected = "expected a whole number from 0 to 18446744073709551615";

/**
 * A seed of up to 64 bits: a number, a `bigint`, or digits in a string, for clients whose numbers end at 2^53. Comes out
 * as a number where it fits one exactly, and as a `bigint` beyond.
 */
export const seedField = z
  .custom<number | bigint | string>(isSeed, {
    error: ({ input }) => (isInexact(input) ? `${expected}; numbers end at 2^53: send it as a string` : expected),
  })
  .transform((value) => (BigInt(value) <= Number.MAX_SAFE_INTEGER ? Number(value) : BigInt(value)));

function isSeed(value: unknown): boolean {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0;
  }
  if (typeof value === "string") {
    return /^\d{1,20}$/.test(value) && BigInt(value) <= largest;
  }
  return typeof value === "bigint" && value >= 0n && value <= largest;
}

const isInexact = (value: unknown): boolean => typeof value === "number" && value > Number.MAX_SAFE_INTEGER;
