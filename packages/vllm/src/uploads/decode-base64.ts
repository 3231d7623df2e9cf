/** A file as a JSON client sends it: base64, or a `data:` URI of it. */
export interface EncodedFile {
  /** Base64; there may be white space in it, but no padding. */
  base64: string;
  /** How many of its characters count. */
  digits: number;
  /** The bytes that they stand for; known before any of them is decoded. */
  size: number;
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
  const base64 = withoutPadding(trimmed.slice(found.length));
  const digits = base64.length - countSpace(base64);
  return { base64, digits, size: Math.floor((digits * 3) / 4), type: type?.toLowerCase() || undefined };
}

/** Undefined where it is no base64. */
export function decodeFile({ base64, digits, size }: EncodedFile): Buffer | undefined {
  // Node skips what is no base64, and stops at padding: the bytes are fewer then than the digits stand for. A single
  // digit left over stands for none.
  const bytes = Buffer.from(base64, "base64");
  return bytes.length === size && digits % 4 !== 1 ? bytes : undefined;
}

function withoutPadding(text: string): string {
  const ends = text.slice(-2);
  return ends === "==" ? text.slice(0, -2) : ends.endsWith("=") ? text.slice(0, -1) : text;
}

/** Searched for, which is ten times as fast as to look at each character: 25 MiB would hold the event loop. */
function countSpace(text: string): number {
  let count = 0;
  for (const space of [" ", "\n", "\r", "\t"]) {
    for (let at = text.indexOf(space); at !== -1; at = text.indexOf(space, at + 1)) {
      count += 1;
    }
  }
  return count;
}
