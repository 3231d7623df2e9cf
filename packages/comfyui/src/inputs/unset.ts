import { z } from "zod";
import { isRecord } from "../is-record.ts";

/** What clients send for what they don't set: null, an empty string or an empty object. */
export const isUnset = (value: unknown): value is undefined | null | "" =>
  value === undefined || value === null || value === "" || (isRecord(value) && Object.keys(value).length === 0);

/** A field that may be left out, in any of these ways; it is undefined then. */
export const settable = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (isUnset(value) ? undefined : value), schema.optional());

/** An object whose members may all be left out; undefined where they all are. */
export const settableObject = <Shape extends Record<string, z.ZodType>>(shape: Shape) =>
  settable(z.looseObject(shape).transform((value) => (Object.values(value).every(isUnset) ? undefined : value)));
