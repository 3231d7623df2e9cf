import type { FilePart } from "@pyworker/core";
import { copyFaults, isObject, unwrapInput } from "@pyworker/llm";
import { z } from "zod";
import { type FileField, isAbsent, readFiles } from "./read-files.ts";

/** A request with files, in whichever way they came. */
export interface UploadForm<Request> {
  /** What is read of it, beside the files. */
  request: Request;
  /** All its fields but the files, as they came. */
  fields: Readonly<Record<string, unknown>>;
  files: Readonly<Record<string, readonly FilePart[]>>;
}

/**
 * Accepts files in JSON, as base64 or `data:` URIs with their names in fields of their own, and the files of a form.
 * `schema` checks the other fields.
 *
 * The limits belong here, and not where a body is received: a schema is asked only once the request's signature has
 * proved good, so that what nobody has signed is never decoded.
 */
export function uploadForm<Schema extends z.ZodType>(schema: Schema, fileFields: readonly FileField[]) {
  const consumed = new Set(fileFields.flatMap(({ name, nameField }) => [name, nameField]));
  return z.unknown().transform((payload, context): UploadForm<z.output<Schema>> => {
    const { body, path: start } = unwrapInput(payload);
    if (!isObject(body)) {
      context.addIssue({ code: "custom", message: "expected an object", path: [...start] });
      return z.NEVER;
    }
    const fields = Object.fromEntries(Object.entries(body).filter(([name]) => !consumed.has(name)));
    const files = readFiles(body, fileFields, (path, message) =>
      context.addIssue({ code: "custom", message, path: [...start, ...path] }),
    );
    const parsed = schema.safeParse(fields);
    if (!parsed.success) {
      copyFaults(parsed.error, start, context);
      return z.NEVER;
    }
    return { request: parsed.data, fields, files };
  });
}

/** All fields, for core's `multipart`. A form names its model: where the client has not, it is the served one. */
export const formFields = (
  { fields, files }: UploadForm<unknown>,
  model: string | undefined,
): Record<string, unknown> => ({ ...fields, ...(isAbsent(fields.model) ? { model } : {}), ...files });
