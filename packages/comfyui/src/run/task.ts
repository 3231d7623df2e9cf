import type { JobRequest } from "../inputs/job-request.ts";
import type { Job } from "../jobs/job.ts";
import type { S3Storage } from "../outputs/s3-storage.ts";
import type { Workflow } from "../workflow.ts";

/** A job with what was asked for. */
export interface Task {
  job: Job;
  request: JobRequest;
  /** Whether somebody listens to how it goes. */
  isWatched: boolean;
  /** Whether the answer shall hold what ComfyUI's history says of the job. */
  wantsResponse: boolean;
}

/** A task whose inputs lie where ComfyUI finds them. */
export interface ReadyTask extends Task {
  /** Undefined where the API wrapper is to build it. */
  workflow: Workflow | undefined;
  /** Where outputs are uploaded to, where they are. */
  storage: S3Storage | undefined;
}

/** What a run may do with its job's surroundings. */
export interface RunHooks {
  /** Aborted when the job is cancelled, or there is nobody left to do it for. */
  signal: AbortSignal;
  /** ComfyUI has done its part: lets the next job begin. */
  release(): void;
}
