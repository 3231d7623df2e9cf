import { type Clock, systemClock } from "@pyworker/core";
import type { ComfyHttp } from "./comfy-http.ts";
import { findPrompt } from "./find-prompt.ts";
import { pause } from "./pause.ts";
import { defaultRunLimits } from "./run-limits.ts";

interface CancelOptions {
  /** Milliseconds that it may take until the prompt is gone. */
  limit?: number;
  clock?: Clock;
}

const millisecondsBetweenLooks = 100;
const millisecondsBetweenTries = 1000;

/** ComfyUIs too old for POST /api/jobs/{id}/cancel. */
const withoutJobs = new WeakSet<ComfyHttp>();

/**
 * Takes one prompt out of ComfyUI, waiting or running, and no other. Resolves with whether it has left within the limit:
 * some nodes can't be interrupted. Rejects with a JobError where ComfyUI can't be reached.
 */
export async function cancelPrompt(
  comfy: ComfyHttp,
  promptId: string,
  { clock = systemClock, limit = defaultRunLimits.cancel }: CancelOptions = {},
): Promise<boolean> {
  const start = clock.monotonic();
  let nextTry = start;
  while (true) {
    const now = clock.monotonic();
    // Once is not enough: ComfyUI forgets an interruption that comes after it took the prompt and before it began.
    if (now >= nextTry) {
      await stopOnce(comfy, promptId);
      nextTry = now + millisecondsBetweenTries;
    }
    const { state } = await findPrompt(comfy, promptId);
    if (state === "ended" || state === "gone") {
      return true;
    }
    if (now - start >= limit) {
      return false;
    }
    await pause(clock, millisecondsBetweenLooks);
  }
}

async function stopOnce(comfy: ComfyHttp, promptId: string): Promise<void> {
  if (await cancelledAsJob(comfy, promptId)) {
    return;
  }
  await comfy.post("/queue", { delete: [promptId] });
  // Before August 2025, ComfyUI doesn't read whom to interrupt and stops whatever runs: ours has to be what runs.
  const { state } = await findPrompt(comfy, promptId);
  if (state === "running") {
    await comfy.post("/interrupt", { prompt_id: promptId });
  }
}

/** One atomic step, waiting or running, where ComfyUI is new enough to have it. */
async function cancelledAsJob(comfy: ComfyHttp, promptId: string): Promise<boolean> {
  if (withoutJobs.has(comfy)) {
    return false;
  }
  const { body, status } = await comfy.post(`/api/jobs/${encodeURIComponent(promptId)}/cancel`, {});
  // A route that doesn't exist is answered in plain text; JSON means that the route is there and the job is not.
  if ((status === 404 || status === 405) && body === undefined) {
    withoutJobs.add(comfy);
  }
  return status === 200;
}
