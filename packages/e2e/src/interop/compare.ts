import { expect } from "@jest/globals";
import { differencesWhen } from "./deliberate-differences.ts";
import { differencesBetween, type Observation } from "./observation.ts";

/** What was done, what came of it on both sides, and what must come of it on ours. */
interface Comparison {
  name: string;
  seen: Record<"reference" | "ours", Observation>;
  expected: Observation;
}

/** Fails unless ours is as it must be, and the two differ in what is listed for this and in nothing else. */
export function compare({ expected, name, seen }: Comparison): void {
  expect(seen.ours).toMatchObject(expected);
  expect(differencesBetween(seen)).toEqual(differencesWhen(name));
}
