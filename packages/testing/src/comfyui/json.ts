declare global {
  // The "JSON.parse source text access" proposal, in Node since 22: https://github.com/tc39/proposal-json-parse-with-source
  interface JSON {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): object;
  }
}

const integerLiteral = /^-?\d+$/;

/** Parses JSON as Python does: integers keep all their digits, those beyond 2^53 as `bigint`. */
export const parseExact = (text: string): unknown =>
  JSON.parse(text, (_key, value, { source }) => {
    const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
    return isRounded && source !== undefined && integerLiteral.test(source) ? BigInt(source) : value;
  });

export const stringifyExact = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? JSON.rawJSON(item.toString()) : item));
