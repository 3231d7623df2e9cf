import { type MeasuredBase64, measureBase64 } from "@pyworker/core";

/** A file as a JSON client sends it: base64, or a `data:` URI of it. */
export interface EncodedFile extends MeasuredBase64 {
  /** What the `data:` URI says that it is. */
  type: string | undefined;
}

/** A longer head of a `data:` URI is none that a client writes. */
const longestHead = 128;
const head = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** Undefined for a `data:` URI of anything but base64. */
export function readEncodedFile(text: string): EncodedFile | undefined {
  const trimmed = text.trim();
  const isUri = /^data:/i.test(trimmed);
  const [found, type] = isUri ? (head.exec(trimmed.slice(0, longestHead)) ?? []) : ["", undefined];
  if (found === undefined) {
    return undefined;
  }
  return { ...measureBase64(trimmed.slice(found.length)), type: type?.toLowerCase() || undefined };
}
