import type { TextRequest } from "./schemas.ts";
import type { Wrappable } from "./wrappable.ts";

/**
 * Whether usage is asked for on our own account, and taken out again: the client wants none. Where it wants some, or
 * leaves that to the engine (`{}` is yes to vLLM and no to others), its request stays as it is.
 */
export function isUsageOurs({ stream, stream_options: options }: TextRequest): boolean {
  if (stream !== true) {
    return false;
  }
  const wantsNone = options?.include_usage === false || options?.include_usage === null;
  return options === undefined || options === null || (wantsNone && options.continuous_usage_stats !== true);
}

/** The body for the engine: with usage asked for; undefined where the client's own bytes will do. */
export function askForUsage({ body, request }: Wrappable<TextRequest>): unknown {
  if (isUsageOurs(request)) {
    return { ...request, stream_options: { ...request.stream_options, include_usage: true } };
  }
  return body;
}
