import { z } from "zod";
import { unwrapInput } from "./unwrap-input.ts";

/** A request that may have been wrapped in `input`. */
export interface Wrappable<Request> {
  request: Request;
  /** What the engine gets; undefined where the client's own bytes will do. */
  body: unknown;
}

const mostFaults = 20;

/** Accepts a request bare, or wrapped in `input`. */
export function wrappable<Schema extends z.ZodType>(schema: Schema) {
  return z.unknown().transform((payload, context): Wrappable<z.output<Schema>> => {
    const { body, path } = unwrapInput(payload);
    const parsed = schema.safeParse(body);
    if (parsed.success) {
      return { request: parsed.data, body: path.length > 0 ? body : undefined };
    }
    copyFaults(parsed.error, path, context);
    return z.NEVER;
  });
}

/** Tells the faults of what stands at `start` in the payload. */
export function copyFaults(error: z.ZodError, start: readonly string[], context: z.RefinementCtx): void {
  for (const { message, path } of error.issues.slice(0, mostFaults).map(innermost)) {
    context.addIssue({ code: "custom", message, path: [...start, ...path] });
  }
}

/** A union says no more than "invalid": the fault is that of the alternative which fitted furthest. */
function innermost(issue: z.core.$ZodIssue): { message: string; path: readonly PropertyKey[] } {
  if (issue.code !== "invalid_union") {
    return issue;
  }
  const faults = issue.errors.flatMap(([first]) => (first === undefined ? [] : [innermost(first)]));
  const deepest = faults.reduce((best, fault) => (fault.path.length > best.path.length ? fault : best), {
    message: "expected a string or a list",
    path: [],
  });
  return { message: deepest.message, path: [...issue.path, ...deepest.path] };
}

/** What the engine gets of a request that was checked by `wrappable`. */
export const bodyOf = ({ body }: Wrappable<unknown>): unknown => body;
