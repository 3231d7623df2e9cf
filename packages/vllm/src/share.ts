/** What the reference request of a route costs: as much as 500 tokens of output. */
export const referenceWorkload = 500;
const least = 0.1;
const most = 8;

/**
 * The price of a request that is no text, by its size: in the unit of text, since a fleet may mix both. Waits are told
 * from it, so one request is never worth more than eight: it would close the queue for all others.
 */
export function shareOf(size: number, reference: number): number {
  const ratio = size / reference;
  return referenceWorkload * (Number.isNaN(ratio) ? 1 : Math.min(Math.max(ratio, least), most));
}

/** A count as clients write it, in forms as text; `fallback` for anything that is none. */
export function countOr(value: unknown, fallback: number): number {
  const number = typeof value === "string" && value.length <= longestNumber ? Number(value) : value;
  return typeof number === "number" && number > 0 && Number.isFinite(number) ? number : fallback;
}

const longestNumber = 20;
