import type { ServerResponse } from "node:http";

declare global {
  // The "JSON.parse source text access" proposal, in Node since 22: https://github.com/tc39/proposal-json-parse-with-source
  interface JSON {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): object;
  }
}

/** Parses JSON as Python does: an integer beyond 2^53 comes back whole, as a `bigint`. */
export const parseExact = (text: string): unknown =>
  JSON.parse(text, (_key, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );

/** Its counterpart. */
export const writeExact = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? JSON.rawJSON(item.toString()) : item));

export function sendExact(
  response: ServerResponse,
  status: number,
  { headers = {}, value }: { value: unknown; headers?: Readonly<Record<string, string>> },
): void {
  const text = writeExact(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
