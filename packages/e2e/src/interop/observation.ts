import { isDeepStrictEqual } from "node:util";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What was seen of a worker, in fields that can be compared one by one. A field that is not there counts as null. */
export type Observation = Readonly<Record<string, Json>>;

/** A field in which two workers differ. */
export interface Difference {
  field: string;
  reference: Json;
  ours: Json;
}

/** Every field in which two observations differ, by name. */
export function differencesBetween({ reference, ours }: Record<"reference" | "ours", Observation>): Difference[] {
  return [...new Set([...Object.keys(reference), ...Object.keys(ours)])]
    .sort()
    .map((field) => ({ field, reference: reference[field] ?? null, ours: ours[field] ?? null }))
    .filter((difference) => !isDeepStrictEqual(difference.reference, difference.ours))
    .map(({ field, reference: left, ours: right }) => ({ field, reference: inShort(left), ours: inShort(right) }));
}

/** Stands for whatever the stand-in model answers to a request that it serves. */
export const modelAnswer = "<the model's answer>";

const inShort = (value: Json): Json => (isRecord(value) && Array.isArray(value.choices) ? modelAnswer : value);
