import { decodeBase64, FilePart } from "@pyworker/core";
import { readEncodedFile } from "./encoded-file.ts";
import { type FileTypes, listTypes, typeByName } from "./file-types.ts";
import { safeFilename } from "./safe-filename.ts";

/** What is wrong with a file. */
export class FileFault extends Error {
  override readonly name = "FileFault";
  /** Whether it's the name that is wrong, which stands in a field of its own. */
  readonly isOfName: boolean;

  constructor(message: string, isOfName = false) {
    super(message);
    this.isOfName = isOfName;
  }
}

interface ReadFileOptions {
  /** The name that the request has for it, in a field of its own. */
  filename: unknown;
  defaultName: string;
  types: FileTypes;
  /** Told the size before the file is decoded. Throws FileFault where it is too much. */
  claim(bytes: number): void;
}

/** A file of a form, or one written in base64. Throws FileFault. */
export function readFile(value: unknown, { filename, defaultName, types, claim }: ReadFileOptions): FilePart {
  if (value instanceof FilePart) {
    claim(value.bytes.length);
    return named(value, types);
  }
  const encoded = typeof value === "string" ? readEncodedFile(value) : undefined;
  if (encoded === undefined) {
    throw new FileFault("expected a file: base64, or a data: URI of it");
  }
  claim(encoded.size);
  const name = nameOf(filename, encoded.type, types) ?? defaultName;
  const type = typeByName(name, types);
  if (type === undefined) {
    throw new FileFault(`expected a name that ends in ${listTypes(types)}`, true);
  }
  const bytes = decodeBase64(encoded);
  if (bytes === undefined) {
    throw new FileFault("expected base64");
  }
  return new FilePart(name, bytes, type);
}

/** A file of a form says what it is itself; by its name, it is what the engine takes it for. */
function named({ bytes, filename, type }: FilePart, types: FileTypes): FilePart {
  const name = safeFilename(filename);
  const found = typeByName(name, types) ?? Object.values(types).find((known) => known === type);
  if (found === undefined) {
    throw new FileFault(`expected a file of ${listTypes(types)}`);
  }
  return new FilePart(name, bytes, found);
}

/** As the request says, or by the type in a `data:` URI; undefined where neither tells. */
function nameOf(filename: unknown, type: string | undefined, types: FileTypes): string | undefined {
  if (filename === undefined || filename === null || filename === "") {
    const extension = Object.keys(types).find((key) => types[key] === type);
    return extension === undefined ? undefined : `file.${extension}`;
  }
  if (typeof filename !== "string") {
    throw new FileFault("expected a string", true);
  }
  return safeFilename(filename);
}
