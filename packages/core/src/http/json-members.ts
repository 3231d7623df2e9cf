import { NestingError, parseJson } from "../json.ts";

/** One member of a JSON object: its value, and the bytes that spelled it. */
export interface JsonMember {
  value: unknown;
  bytes: Buffer;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * The members of the JSON object in `body`, each with its own bytes; undefined where `body` is anything else.
 * Where a key comes twice, the last one counts, as with JSON.parse. Throws NestingError.
 */
export function readMembers(body: Buffer): Record<string, JsonMember> | undefined {
  try {
    return scanMembers(body);
  } catch (error) {
    if (error instanceof SyntaxError && !(error instanceof NestingError)) {
      return undefined;
    }
    throw error;
  }
}

export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function scanMembers(body: Buffer): Record<string, JsonMember> {
  const members: Record<string, JsonMember> = Object.create(null);
  const end = trimEnd(body, body.length) - 1;
  let at = skipSpace(body, 0);
  if (body[at] !== openBrace || body[end] !== closeBrace || end <= at) {
    throw new SyntaxError("not an object");
  }
  at = skipSpace(body, at + 1);
  let isFirstPayload = true;
  while (at < end) {
    const keyEnd = skipString(body, at);
    const key = String(JSON.parse(body.toString("utf8", at, keyEnd)));
    at = expectByte(body, skipSpace(body, keyEnd), colon);
    // Tried once: with a thousand members of that name, it would go through the rest of the body a thousand times.
    const last = key === "payload" && isFirstPayload ? readLastMember(body, at, end) : undefined;
    isFirstPayload &&= key !== "payload";
    const member = last ?? readMember(body, at);
    members[key] = member;
    at = skipSpace(body, at + member.bytes.length);
    if (at < end) {
      at = expectByte(body, at, comma);
      if (at === end) {
        throw new SyntaxError("comma before the end");
      }
    }
  }
  if (at !== end) {
    throw new SyntaxError("text after the end");
  }
  return members;
}

/** The payload is nearly always the last member: then all up to the closing brace is its value, and no scan is needed. */
function readLastMember(body: Buffer, start: number, end: number): JsonMember | undefined {
  const bytes = body.subarray(start, trimEnd(body, end));
  try {
    return { value: parseJson(bytes.toString()), bytes };
  } catch (error) {
    if (error instanceof NestingError) {
      throw error;
    }
    return undefined;
  }
}

function readMember(body: Buffer, start: number): JsonMember {
  const bytes = body.subarray(start, skipValue(body, start));
  return { value: parseJson(bytes.toString()), bytes };
}

/** The offset behind the value at `start`. Finds its extent only; that it is well-formed is for JSON.parse to say. */
function skipValue(body: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  while (at < body.length) {
    const byte = body[at];
    if (byte === quote) {
      at = skipString(body, at);
      if (depth === 0) {
        return at;
      }
      continue;
    }
    if (byte === openBrace || byte === openBracket) {
      depth += 1;
    } else if (depth === 0 && (byte === comma || byte === closeBrace || isSpace(byte))) {
      return at;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth === 0) {
        return at + 1;
      }
    }
    at += 1;
  }
  throw new SyntaxError("value without an end");
}

function skipString(body: Buffer, start: number): number {
  if (body[start] !== quote) {
    throw new SyntaxError("expected a string");
  }
  let end = body.indexOf(quote, start + 1);
  while (end !== -1 && isEscaped(body, end)) {
    end = body.indexOf(quote, end + 1);
  }
  if (end === -1) {
    throw new SyntaxError("string without an end");
  }
  return end + 1;
}

function isEscaped(body: Buffer, at: number): boolean {
  let backslashes = 0;
  while (body[at - 1 - backslashes] === backslash) {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}

function expectByte(body: Buffer, at: number, byte: number): number {
  if (body[at] !== byte) {
    throw new SyntaxError(`expected ${String.fromCharCode(byte)}`);
  }
  return skipSpace(body, at + 1);
}

function skipSpace(body: Buffer, start: number): number {
  let at = start;
  while (isSpace(body[at])) {
    at += 1;
  }
  return at;
}

function trimEnd(body: Buffer, end: number): number {
  let at = end;
  while (isSpace(body[at - 1])) {
    at -= 1;
  }
  return at;
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
