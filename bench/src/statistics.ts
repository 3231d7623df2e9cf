/** The middle value; between the two middle ones where their number is even. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** The median of `left / right`, round by round: what slows a whole round down leaves its ratio alone. */
export const medianRatio = (left: readonly number[], right: readonly number[]): number =>
  median(left.map((value, round) => value / (right[round] ?? Number.NaN)));
