import { JobError } from "./job-error.ts";
import type { Outcome } from "./outcome.ts";
import type { JobProgress } from "./progress.ts";
import type { JobStatus, Result, Timings } from "./result.ts";

/** Hears of each change of a job, and of what it tells of itself. */
export type JobListener = (result: Result, progress?: JobProgress) => void;

/** One job, from its request to its outcome. */
export class Job {
  readonly id: string;
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Set once it has ended. */
  outcome: Outcome | undefined;
  readonly #cancelling = new AbortController();
  readonly #listener: JobListener;
  readonly #ended = Promise.withResolvers<void>();
  #result: Result;

  constructor(id: string, { now, listener = () => {} }: { now: () => number; listener?: JobListener | undefined }) {
    this.id = id;
    this.now = now;
    this.startedAt = now();
    this.#listener = listener;
    this.#result = {
      id,
      message: "Request accepted",
      status: "pending",
      comfyui_response: {},
      output: [],
      timings: { queued_at_ms: this.startedAt },
    };
  }

  /** As it stands. */
  get result(): Result {
    return this.#result;
  }

  /** Aborted by `cancel`. */
  get cancelled(): AbortSignal {
    return this.#cancelling.signal;
  }

  /** Resolves when it has ended, however it has. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Milliseconds since it came. */
  elapsed(): number {
    return this.now() - this.startedAt;
  }

  advance(status: JobStatus, message: string, timings: Timings = {}): void {
    this.#update({ status, message, timings: { ...this.#result.timings, ...timings } });
  }

  progress(progress: JobProgress): void {
    const message = messageOf(progress);
    this.#update({ status: "generating", ...(message === undefined ? {} : { message }) }, progress);
  }

  cancel(): void {
    this.#cancelling.abort(new JobError({ type: "cancelled", message: "The job was cancelled" }));
  }

  end(outcome: Outcome): Outcome {
    this.outcome = outcome;
    this.#result = outcome.result;
    this.#ended.resolve();
    return outcome;
  }

  #update(change: Partial<Result>, progress?: JobProgress): void {
    this.#result = { ...this.#result, ...change };
    this.#listener(this.#result, progress);
  }
}

/** In the words of ComfyUI's API wrapper. A preview says nothing. */
function messageOf(progress: JobProgress): string | undefined {
  if (progress.kind === "started") {
    return `Generation started (ComfyUI job: ${progress.promptId})`;
  }
  if (progress.kind === "node") {
    return `Processing node: ${progress.nodeId}`;
  }
  return progress.kind === "step" ? `Progress: ${progress.percentage}% (${progress.value}/${progress.max})` : undefined;
}
