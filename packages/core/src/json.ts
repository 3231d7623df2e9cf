declare global {
  // The "JSON.parse source text access" proposal, in Node since 22: https://github.com/tc39/proposal-json-parse-with-source
  interface JSON {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): object;
  }
}

/** Far more than any model server takes. What walks a value by recursion, here or in a handler, must not run out of stack. */
const deepest = 500;
const integerLiteral = /^-?\d+$/;

/** JSON that nests deeper than anybody needs. */
export class NestingError extends SyntaxError {
  override readonly name = "NestingError";
}

/**
 * Parses JSON; integers beyond 2^53 come back as `bigint`, so that a 64-bit seed survives.
 * Throws SyntaxError where the text is not JSON, NestingError where it nests deeper than 500 levels.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // A reviver makes parsing several times slower, and few texts hold a number that needs it.
  return mayBeRounded(value, deepest) ? JSON.parse(text, exactInteger) : value;
}

/** Serialises JSON; a `bigint` is written as the integer it is. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? JSON.rawJSON(item.toString()) : item,
  );
}

/** Whether a number in it may have been an integer beyond 2^53. Throws NestingError below so many levels. */
function mayBeRounded(value: unknown, levels: number): boolean {
  if (typeof value === "number") {
    return Math.trunc(value) === value && !Number.isSafeInteger(value);
  }
  if (typeof value !== "object" || value === null) {
    return false;
  }
  if (levels === 0) {
    throw new NestingError(`JSON nested deeper than ${deepest} levels`);
  }
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let isFound = false;
  for (const item of items) {
    isFound = mayBeRounded(item, levels - 1) || isFound;
  }
  return isFound;
}

function exactInteger(_key: string, value: unknown, { source }: { source?: string }): unknown {
  const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && integerLiteral.test(source) ? BigInt(source) : value;
}
