import type { Clock } from "@pyworker/core";
import { JobError } from "../jobs/job-error.ts";
import type { Bell } from "./bell.ts";
import type { ComfyHttp } from "./comfy-http.ts";
import { findPrompt, type PromptState } from "./find-prompt.ts";
import type { HistoryEntry } from "./prompt-history.ts";
import type { RunLimits } from "./run-limits.ts";

export interface WatchOptions {
  comfy: ComfyHttp;
  promptId: string;
  signal: AbortSignal;
  /** Rung when it is worth a look: the prompt is said to have ended, or the socket has dropped. */
  bell: Bell;
  limits: RunLimits;
  clock: Clock;
}

/** After the bell, the history may lag behind: that many looks follow each other fast. */
const fastLooks = 10;
const fastMilliseconds = 100;

/**
 * Looks after a prompt until it is in the history. The socket only makes it quicker: without it, this alone sees the end.
 * Rejects with a JobError when the prompt is lost, ComfyUI unreachable, or its prompt worker dead.
 */
export async function watchPrompt({
  bell,
  clock,
  comfy,
  limits,
  promptId,
  signal,
}: WatchOptions): Promise<HistoryEntry> {
  const isGone = createPatience(clock, limits.gone);
  const isUnreachable = createPatience(clock, limits.unreachable);
  const isIdle = createPatience(clock, limits.idle);
  let fast = 0;
  while (true) {
    const hasRung = await bell.wait(fast > 0 ? fastMilliseconds : limits.poll, signal);
    fast = hasRung ? fastLooks : Math.max(0, fast - 1);
    const found = await look(comfy, promptId, signal);
    if (found instanceof JobError) {
      if (isUnreachable(true)) {
        throw found;
      }
      continue;
    }
    isUnreachable(false);
    if (found.state === "ended") {
      return found.entry;
    }
    if (isGone(found.state === "gone")) {
      throw new JobError({
        type: "lost",
        message: "ComfyUI no longer knows the prompt: it was deleted, or ComfyUI restarted",
      });
    }
    if (isIdle(found.state === "pending" && found.isIdle)) {
      throw new JobError({
        type: "prompt_worker_dead",
        message: "the prompt waits in ComfyUI's queue while nothing runs: its prompt worker has died",
      });
    }
  }
}

async function look(comfy: ComfyHttp, promptId: string, signal: AbortSignal): Promise<PromptState | JobError> {
  try {
    return await findPrompt(comfy, promptId, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof JobError) {
      return error;
    }
    throw error;
  }
}

/** Tells whether something has held at every look for so long; one look is never enough. */
function createPatience(clock: Clock, milliseconds: number): (holds: boolean) => boolean {
  let since: number | undefined;
  return (holds) => {
    const isRepeated = holds && since !== undefined;
    since = holds ? (since ?? clock.monotonic()) : undefined;
    return isRepeated && since !== undefined && clock.monotonic() - since >= milliseconds;
  };
}
