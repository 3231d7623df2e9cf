import { FilePart } from "@pyworker/core";
import type { Guard } from "../net/create-guard.ts";
import { guardedFetch } from "../net/guarded-fetch.ts";
import { checkSize, decodeDataUri, isDataUri, readBase64 } from "./decode-file.ts";
import { InputFault } from "./input-fault.ts";
import type { InputFile } from "./request-fields.ts";

export interface ReadFilePolicy {
  /** Which hosts URLs may name. */
  guard: Guard;
  /** The most bytes a file may have. */
  maxFileBytes: number;
  /** How long a URL may take, its redirects with it. */
  fetchTimeoutMilliseconds: number;
}

export interface ReadFile {
  bytes: Buffer;
  /** A name or path whose extension says what it is, where its content doesn't. */
  name: string;
}

/** Whether a text is a whole http or https URL. */
export const isWebUrl = (text: string): boolean => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);

/** Fetches or decodes a file. Throws InputFault or FetchError. */
export async function readInputFile(
  file: InputFile,
  policy: ReadFilePolicy,
  signal: AbortSignal | undefined,
): Promise<ReadFile> {
  const read = await readBytes(file, policy, signal);
  if (read.bytes.length === 0) {
    throw new InputFault("it is empty");
  }
  return read;
}

async function readBytes(file: InputFile, policy: ReadFilePolicy, signal: AbortSignal | undefined): Promise<ReadFile> {
  const { maxFileBytes } = policy;
  if (file instanceof FilePart) {
    checkSize(file.bytes.length, maxFileBytes);
    return { bytes: file.bytes, name: file.filename };
  }
  if (isWebUrl(file)) {
    return fetchFile(file, policy, signal);
  }
  const bytes = isDataUri(file) ? await decodeDataUri(file, maxFileBytes) : readBase64(file, maxFileBytes);
  return { bytes, name: "" };
}

async function fetchFile(
  url: string,
  { fetchTimeoutMilliseconds, guard, maxFileBytes }: ReadFilePolicy,
  signal: AbortSignal | undefined,
): Promise<ReadFile> {
  const answer = await guardedFetch(url, {
    ...{ guard, signal, maxBytes: maxFileBytes, timeoutMilliseconds: fetchTimeoutMilliseconds },
  });
  if (answer.status !== 200) {
    throw new InputFault(`the server answered ${answer.status}`);
  }
  return { bytes: answer.body, name: new URL(url).pathname };
}
