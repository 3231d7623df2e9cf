import type { FilePart } from "@pyworker/core";
import type { FileTypes } from "./file-types.ts";
import { megabytes, mostBytesInFile, mostBytesInRequest, mostFilesInRequest } from "./limits.ts";
import { FileFault, readFile } from "./read-file.ts";

/** A field of a request that holds a file, or several. */
export interface FileField {
  name: string;
  /** The field in which a JSON client names the file. */
  nameField: string;
  /** The name of a file that has none. */
  defaultName: string;
  types: FileTypes;
  isList?: boolean;
  isRequired?: (body: Body) => boolean;
}

type Body = Readonly<Record<string, unknown>>;
type Fail = (path: readonly PropertyKey[], message: string) => void;

/** Left out; or empty, as a form sends a field that nobody has filled in. */
export const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.every(isAbsent));

/** The files of a request by their fields. What is wrong is told to `fail`. */
export function readFiles(body: Body, fields: readonly FileField[], fail: Fail): Record<string, readonly FilePart[]> {
  const budget = createBudget();
  const files: Record<string, readonly FilePart[]> = {};
  for (const field of fields) {
    const value = body[field.name];
    if (!isAbsent(value)) {
      files[field.name] = readField(body, { field, budget, fail });
    } else if (field.isRequired?.(body)) {
      fail([field.name], "field missing");
    }
  }
  return files;
}

interface Context {
  field: FileField;
  budget: Budget;
  fail: Fail;
}

function readField(body: Body, { field, budget, fail }: Context): FilePart[] {
  const { defaultName, isList = false, name, nameField, types } = field;
  const [value, filename] = [body[name], body[nameField]];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length > 1 && !isList) {
    fail([name], "expected one file");
    return [];
  }
  if (!budget.claimFiles(items.length)) {
    fail([name], `at most ${mostFilesInRequest} files in a request`);
    return [];
  }
  return items.flatMap((item, index) => {
    try {
      const itsName: unknown = Array.isArray(filename) ? filename[index] : filename;
      return readFile(item, { filename: itsName, defaultName, types, claim: budget.claimBytes });
    } catch (error) {
      if (!(error instanceof FileFault)) {
        throw error;
      }
      const [wrong, isInList] = error.isOfName ? [nameField, Array.isArray(filename)] : [name, Array.isArray(value)];
      fail(isInList ? [wrong, index] : [wrong], error.message);
      return [];
    }
  });
}

interface Budget {
  /** False where they are too many. */
  claimFiles(count: number): boolean;
  /** Throws FileFault where they are too many. */
  claimBytes(bytes: number): void;
}

/** What the files of one request may be altogether. */
function createBudget(): Budget {
  let files = 0;
  let bytesInAll = 0;
  return {
    claimFiles: (count) => {
      files += count;
      return files <= mostFilesInRequest;
    },
    claimBytes: (bytes) => {
      bytesInAll += bytes;
      if (bytes === 0) {
        throw new FileFault("the file is empty");
      }
      if (bytes > mostBytesInFile) {
        throw new FileFault(`at most ${megabytes(mostBytesInFile)} in a file`);
      }
      if (bytesInAll > mostBytesInRequest) {
        throw new FileFault(`at most ${megabytes(mostBytesInRequest)} of files in a request`);
      }
    },
  };
}
