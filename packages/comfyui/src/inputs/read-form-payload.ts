import { FilePart, parseJson } from "@pyworker/core";
import { isRecord } from "../is-record.ts";

/** A payload with its files where they are looked for, or what is wrong with it. */
export type FormPayload = { payload: unknown } | { problem: string };

/** The field whose files go by their own names; there may be any number of them. */
const filesField = "files";

/**
 * A payload that came as a form: `input` is JSON text, and each file goes by the name of its field. A payload that is no
 * form stays as it is.
 */
export function readFormPayload(payload: unknown): FormPayload {
  if (!isRecord(payload)) {
    return { payload };
  }
  const uploads = Object.entries(payload).flatMap(([field, value]) => filesOf(field, value));
  if (uploads.length === 0 && typeof payload.input !== "string") {
    return { payload };
  }
  const input = readInput(payload.input);
  if (input === undefined) {
    return { problem: 'expected the JSON text of an object: {"workflow_json": {…}}' };
  }
  const given = isRecord(input.files) ? Object.entries(input.files) : [];
  const files = [...given, ...uploads];
  const twice = findRepeated(files.map(([name]) => name));
  return twice === undefined
    ? { payload: { ...payload, input: { ...input, files: Object.fromEntries(files) } } }
    : { problem: `two files go by the name ${twice}: give each a field, or a file name, of its own` };
}

function findRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.has(name) || !seen.add(name));
}

function filesOf(field: string, value: unknown): [name: string, file: FilePart][] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const files = items.filter((item) => item instanceof FilePart);
  return files.map((file) => [field === filesField ? file.filename : field, file]);
}

function readInput(input: unknown): Record<string, unknown> | undefined {
  try {
    const value = typeof input === "string" ? parseJson(input) : input;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
