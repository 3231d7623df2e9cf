import { stringifyJson } from "./json.ts";

/** A file field of a multipart request. */
export class FilePart {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly type: string;

  constructor(filename: string, bytes: Buffer, type = "application/octet-stream") {
    this.filename = filename;
    this.bytes = bytes;
    this.type = type;
  }
}

/** A request body as form fields; made by `multipart`. */
export class Multipart {
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }
}

/**
 * Form fields for `transform` to return. A `FilePart` is sent as a file, an array repeats its field, an object goes as
 * JSON, undefined and null are left out, anything else goes as text.
 */
export const multipart = (fields: Readonly<Record<string, unknown>>): Multipart => new Multipart(fields);

/** The bytes of a multipart body and the content type that names its boundary. */
export async function encodeMultipart({ fields }: Multipart): Promise<{ body: Buffer; contentType: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      appendField(form, name, item);
    }
  }
  const response = new Response(form);
  return {
    body: Buffer.from(await response.arrayBuffer()),
    contentType: response.headers.get("content-type") ?? "multipart/form-data",
  };
}

function appendField(form: FormData, name: string, value: unknown): void {
  if (value === undefined || value === null) {
    return;
  }
  if (value instanceof FilePart) {
    form.append(name, new Blob([new Uint8Array(value.bytes)], { type: value.type }), value.filename);
  } else if (value instanceof Uint8Array) {
    throw new TypeError(`multipart field "${name}": bytes need a name and a type, so pass a FilePart`);
  } else {
    form.append(name, typeof value === "object" ? stringifyJson(value) : String(value));
  }
}
