/** A request body, and where it stood in the payload. */
export interface Unwrapped {
  body: unknown;
  /** Leads from the payload to the body. */
  path: readonly string[];
}

/**
 * Clients of serverless endpoints may wrap a body: `{"input": {…}}`. An `input` of any other kind is a field of its own,
 * as embeddings and speech have it.
 */
export function unwrapInput(payload: unknown): Unwrapped {
  return isObject(payload) && isObject(payload.input)
    ? { body: payload.input, path: ["input"] }
    : { body: payload, path: [] };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
