import { expectedWait, retryAfter } from "../admission.ts";
import { WorkerError } from "../errors.ts";
import type { Services } from "./services.ts";

/** The 429 of a worker that has too much to do. */
export const queueFull = ({ ledger, lifecycle }: Services, message: string): WorkerError =>
  new WorkerError("queue_full", message, {
    headers: { "retry-after": retryAfter(expectedWait(ledger.queuedWorkload, lifecycle.throughput)) },
  });
