import { decodeBase64, measureBase64 } from "@pyworker/core";
import { fetch } from "undici";
import { InputFault } from "./input-fault.ts";

/** A longer head of a data URI is none that a client writes. */
const longestHead = 256;
const head = /^data:[\w.+-]+\/[\w.+-]+(?:;[\w.+-]+=[\w.+-]*)*(?:;base64)?,|^data:;base64,/i;

/** Whether a text is a whole data URI, and not one that just begins with "data:". */
export const isDataUri = (text: string): boolean => head.test(text.slice(0, longestHead));

/** The bytes of a data URI. Throws InputFault where they are too many, or no base64. */
export async function decodeDataUri(uri: string, maxBytes: number): Promise<Buffer> {
  const [found] = head.exec(uri.slice(0, longestHead)) ?? [""];
  if (/;base64,$/i.test(found)) {
    return readBase64(uri.slice(found.length), maxBytes);
  }
  // Percent-encoded text; a byte takes three characters at most.
  checkSize(Math.ceil((uri.length - found.length) / 3), maxBytes);
  const answer = await fetch(uri);
  const bytes = Buffer.from(await answer.arrayBuffer());
  checkSize(bytes.length, maxBytes);
  return bytes;
}

/** The bytes that base64 stands for; white space in it and the letters for URLs are fine. Throws InputFault. */
export function readBase64(text: string, maxBytes: number): Buffer {
  const measured = measureBase64(text);
  checkSize(measured.size, maxBytes);
  const bytes = decodeBase64(measured);
  if (bytes === undefined) {
    throw new InputFault("it is neither a URL, nor a data URI, nor base64");
  }
  return bytes;
}

/** Throws InputFault where a file is too large. */
export function checkSize(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new InputFault(`it is larger than ${maxBytes} bytes, the most that is allowed`);
  }
}
