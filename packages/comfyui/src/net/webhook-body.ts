import type { Result } from "../jobs/result.ts";

type ExtraParameters = Readonly<Record<string, unknown>>;

/**
 * What a webhook is told of a job. A client's extra parameters come both as `extra` and beside the other members: the
 * API wrapper has done one and then the other, and a worker's `/session/end` reads `session_id` at the top.
 * They never take the place of what the job itself says.
 */
export function webhookBody(
  { error, id, message, output, status, texts, timings }: Result,
  extraParameters: ExtraParameters = {},
): Record<string, unknown> {
  return {
    ...extraParameters,
    id,
    status,
    message,
    output,
    ...(texts === undefined ? {} : { texts }),
    timings,
    error,
    extra: Object.keys(extraParameters).length === 0 ? undefined : extraParameters,
  };
}
