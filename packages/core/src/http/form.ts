import { Response } from "undici";
import { FilePart } from "../multipart.ts";
import { invalidRequest } from "./envelope.ts";

const formType = /^multipart\/form-data\s*;/i;
const listSuffix = "[]";

/** Whether a body of this content type is a form with files. */
export const isForm = (contentType: string | undefined): contentType is string =>
  contentType !== undefined && formType.test(contentType);

/**
 * A form as a payload: text fields as strings, files as `FilePart`. A field that comes twice, or whose name ends in `[]`,
 * is a list under the bare name. Throws WorkerError 422 where it is no form.
 */
export async function readForm(body: Buffer, contentType: string): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of await parseForm(body, contentType)) {
    const item = typeof value === "string" ? value : await toFilePart(value);
    const isList = name.endsWith(listSuffix);
    const key = isList ? name.slice(0, -listSuffix.length) : name;
    const before = fields[key];
    if (Array.isArray(before)) {
      before.push(item);
    } else if (before !== undefined) {
      fields[key] = [before, item];
    } else {
      fields[key] = isList ? [item] : item;
    }
  }
  return fields;
}

async function parseForm(body: Buffer, contentType: string) {
  try {
    return await new Response(body, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw invalidRequest({ payload: "the form is malformed" });
  }
}

const toFilePart = async (file: File): Promise<FilePart> =>
  new FilePart(file.name, Buffer.from(await file.arrayBuffer()), file.type || undefined);
