import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, type WrapperJob } from "./wrapper-job.ts";

/** Looks again and again, as the wrapper does, until a job has ended or its client has left. */
export async function waitForEnd(
  job: WrapperJob,
  { pollMs, response }: { pollMs: number; response: ServerResponse },
): Promise<void> {
  while (!hasEnded(job) && !response.destroyed) {
    await sleep(pollMs);
  }
}
