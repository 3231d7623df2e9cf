/** A file as a JSON client sends it: base64, or a `data:` URI of it. */
export interface EncodedFile {
  /** Base64 without white space and padding. */
  digits: string;
  /** The bytes that it stands for; known before any of them is decoded. */
  size: number;
  /** What the `data:` URI says that it is. */
  type: string | undefined;
}

/** A longer head of a `data:` URI is none that a client writes. */
const longestHead = 128;
const head = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** Undefined for a `data:` URI of anything but base64. */
export function readEncodedFile(text: string): EncodedFile | undefined {
  const trimmed = text.trimStart();
  const isUri = /^data:/i.test(trimmed);
  const [found, type] = isUri ? (head.exec(trimmed.slice(0, longestHead)) ?? []) : ["", undefined];
  if (found === undefined) {
    return undefined;
  }
  const digits = withoutPadding(withoutSpace(trimmed.slice(found.length)));
  return { digits, size: Math.floor((digits.length * 3) / 4), type: type?.toLowerCase() || undefined };
}

/** Undefined where it is no base64. */
export function decodeFile({ digits, size }: EncodedFile): Buffer | undefined {
  // Node skips what is no base64, and stops at padding: the bytes are fewer then than the digits stand for. A single
  // digit left over stands for none.
  const bytes = Buffer.from(digits, "base64");
  return bytes.length === size && digits.length % 4 !== 1 ? bytes : undefined;
}

const withoutSpace = (text: string): string => (/\s/.test(text) ? text.replace(/\s+/g, "") : text);

function withoutPadding(text: string): string {
  const ends = text.slice(-2);
  return ends === "==" ? text.slice(0, -2) : ends.endsWith("=") ? text.slice(0, -1) : text;
}
