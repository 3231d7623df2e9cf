export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object; undefined where it is none. */
export function parseObject(bytes: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
