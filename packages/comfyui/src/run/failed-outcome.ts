import { WorkerError } from "@pyworker/core";
import type { Job } from "../jobs/job.ts";
import { JobError } from "../jobs/job-error.ts";
import type { Outcome } from "../jobs/outcome.ts";
import type { JobFault, JobStatus } from "../jobs/result.ts";
import type { Task } from "./task.ts";

/** In whose part it went wrong, in the words of ComfyUI's API wrapper. */
const stages: Partial<Record<JobStatus, string>> = {
  processing: "Preprocessing failed",
  generated: "Post-processing failed",
};

/** What is answered about a job that came to nothing. */
export function failedOutcome({ job, request }: Task, thrown: unknown): Outcome {
  const { fault: found, status } = readError(thrown, job);
  const isRefused = found.type === "invalid_workflow" && request.advice !== undefined;
  const fault = isRefused ? { ...found, message: `${found.message}; ${request.advice}` } : found;
  const isCancelled = fault.type === "cancelled";
  const stage = stages[job.result.status] ?? "Generation failed";
  return {
    status,
    result: {
      ...job.result,
      status: isCancelled ? "cancelled" : "failed",
      message: isCancelled ? fault.message : `${stage}: ${fault.message}`,
      output: [],
      timings: { ...job.result.timings, completed_at_ms: job.now(), total_ms: job.elapsed() },
      error: fault,
    },
  };
}

function readError(thrown: unknown, { cancelled }: Job): { fault: JobFault; status: number } {
  const error = cancelled.aborted ? cancelled.reason : thrown;
  if (error instanceof JobError) {
    return error;
  }
  if (WorkerError.is(error)) {
    const type = error.code === "queue_full" ? "timed_out" : "cancelled";
    return { status: error.status, fault: { type, message: error.message } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, fault: { type: "internal_error", message } };
}
