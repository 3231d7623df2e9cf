import { answers } from "./differences/answers.ts";
import type { DeliberateDifference } from "./differences/deliberate-difference.ts";
import { forwarding } from "./differences/forwarding.ts";
import { inputs } from "./differences/inputs.ts";
import { readiness } from "./differences/readiness.ts";
import { reports } from "./differences/reports.ts";
import { signatures } from "./differences/signatures.ts";
import type { Difference } from "./observation.ts";

/** All of them, by the headings of docs/differences.md. A difference that isn't listed is a mistake, and so is one that is no longer seen. */
export const deliberateDifferences: Readonly<Record<string, readonly DeliberateDifference[]>> = {
  "Signatures, sessions and tokens": signatures,
  "What is asked": inputs,
  "The worker's own answers": answers,
  "To the model server and back": forwarding,
  "From start to stop": readiness,
  Reports: reports,
};

/** Everywhere that any of them is seen. */
export const sightings = Object.values(deliberateDifferences).flatMap((differences) =>
  differences.flatMap(({ id, seen }) => seen.map((sighting) => ({ ...sighting, id }))),
);

/** What the workers must differ in when this happens, and in nothing else; by field. */
export const differencesWhen = (name: string): Difference[] =>
  sightings
    .filter((sighting) => sighting.in === name)
    .map(({ field, ours, reference }) => ({ field, reference, ours }))
    .sort((left, right) => (left.field < right.field ? -1 : 1));
