import { isNativeError } from "node:util/types";

/**
 * Why something failed, in a few words. Looks behind `fetch failed`, which hides the reason in `cause`, and behind an
 * AggregateError, which has no message of its own.
 */
export function reasonOf(error: unknown): string {
  if (!isNativeError(error)) {
    return String(error);
  }
  const inner = error.cause ?? firstOf(error);
  return inner === undefined ? error.message || error.name : reasonOf(inner);
}

const firstOf = (error: Error): unknown =>
  "errors" in error && Array.isArray(error.errors) ? error.errors[0] : undefined;
