import { WorkerError } from "@pyworker/core";
import type { JobRequest } from "../inputs/job-request.ts";
import { prepareInputs } from "../inputs/prepare-inputs.ts";
import { randomIntegers } from "../inputs/random-integers.ts";
import { JobError } from "../jobs/job-error.ts";
import type { Outcome } from "../jobs/outcome.ts";
import type { S3Storage } from "../outputs/s3-storage.ts";
import type { ComfyuiServices } from "../services.ts";
import type { Workflow } from "../workflow.ts";
import { failedOutcome } from "./failed-outcome.ts";
import { refuseForgedLines } from "./refuse-forged-lines.ts";
import { runDirectly } from "./run-directly.ts";
import { runInWrapper } from "./run-in-wrapper.ts";
import type { Task } from "./task.ts";

/** How a job stands to the requests around it. */
export interface Surroundings {
  /** Aborted when there is nobody left to do it for. */
  signal: AbortSignal;
  /** Takes its place, and resolves when its turn has come. */
  turn(): Promise<void>;
  /** Lets the next one begin. */
  release(): void;
}

/**
 * A job's whole way: its inputs are prepared while it waits, its turn is over once ComfyUI has done its part, and what
 * is left is to deliver. The job has ended when this settles. Rejects where the signal aborts, or no turn came in time.
 */
export async function runJob(
  services: ComfyuiServices,
  task: Task,
  { release, signal, turn }: Surroundings,
): Promise<Outcome> {
  const { job, request } = task;
  const stop = AbortSignal.any([signal, job.cancelled]);
  let storage: S3Storage | undefined;
  try {
    const place = turn();
    job.advance("processing", "Preparing inputs");
    const mode = await services.servers.mode();
    // The API wrapper uploads by itself.
    storage = mode === "direct" ? await services.openStorage(request.s3) : undefined;
    const workflow = await prepare(services, request, stop);
    job.advance("pending", "Preprocessing complete. Queued for generation.", { preprocess_ms: job.elapsed() });
    await orAborted(place, stop);
    const run = mode === "direct" ? runDirectly : runInWrapper;
    return job.end(await run(services, { ...task, workflow, storage }, { signal: stop, release }));
  } catch (error) {
    const outcome = job.end(failedOutcome(task, signal.aborted ? abandoned(signal.reason) : error));
    if (signal.aborted || WorkerError.is(error)) {
      throw error;
    }
    services.noteFault(outcome.result.error);
    return outcome;
  } finally {
    release();
    await storage?.stop();
  }
}

const abandoned = (reason: unknown): JobError =>
  new JobError({ type: "cancelled", message: WorkerError.is(reason) ? reason.message : "The client has left" });

/** The workflow with its files where ComfyUI finds them; undefined where the API wrapper is to build it. */
async function prepare(
  { fetchGuard: guard, servers, settings }: ComfyuiServices,
  { files, source, workflow }: JobRequest,
  signal: AbortSignal,
): Promise<Workflow | undefined> {
  if (workflow === undefined) {
    refuseForgedLines(source);
    return undefined;
  }
  const prepared = await prepareInputs(workflow, {
    comfy: servers.comfy,
    files,
    guard,
    maxFiles: settings.maxInputFiles,
    maxFileBytes: settings.fetchMaxBytes,
    fetchTimeoutMilliseconds: settings.fetchSeconds * 1000,
    signal,
  });
  refuseForgedLines(prepared);
  return randomIntegers(prepared);
}

/** Rejects on abort, whether or not the other does. */
function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) {
      abort();
    }
  });
}
