declare global {
  // The "JSON.parse source text access" proposal, in Node since 22: https://github.com/tc39/proposal-json-parse-with-source
  interface JSON {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): object;
  }
}

const manyDigits = /\d{16}/;
const integerLiteral = /^-?\d+$/;

/**
 * Parses JSON; integers beyond 2^53 come back as `bigint`, so that a 64-bit seed survives.
 * Throws SyntaxError where the text is not JSON.
 */
export function parseJson(text: string): unknown {
  // A reviver makes parsing several times slower, and few texts hold a number that needs it.
  return manyDigits.test(text) ? parseExactly(text) : JSON.parse(text);
}

/** Serialises JSON; a `bigint` is written as the integer it is. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? JSON.rawJSON(item.toString()) : item,
  );
}

function parseExactly(text: string): unknown {
  try {
    return JSON.parse(text, exactInteger);
  } catch (error) {
    // A reviver visits by recursion, and the stack has an end.
    throw error instanceof RangeError ? new SyntaxError("nested too deeply") : error;
  }
}

function exactInteger(_key: string, value: unknown, { source }: { source?: string }): unknown {
  const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && integerLiteral.test(source) ? BigInt(source) : value;
}
