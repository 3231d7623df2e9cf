import { JobError } from "../jobs/job-error.ts";
import type { Result } from "../jobs/result.ts";

/** The words by which the wrapper tells that a job has failed on its way to ComfyUI, and not in it. */
const connectionFailures = [
  "cannot connect",
  "failed to post workflow after",
  "network error",
  "connection refused",
  "websocket timeout",
  "websocket failure",
  "timed out",
];

/** The HTTP status with which the wrapper sends a result. A fault that is named says more than a message. */
export function statusOfResult({ error, message, status }: Result): number {
  if (status === "cancelled") {
    return 499;
  }
  if (status !== "failed") {
    return 200;
  }
  if (error !== undefined) {
    return new JobError(error).status;
  }
  const text = message.toLowerCase();
  return connectionFailures.some((words) => text.includes(words)) ? 502 : 500;
}
