import type { JobFault, JobFaultType } from "./result.ts";

/** The HTTP status that a client sees. Whatever is the server's own failure is 5xx, which clients try again. */
const statuses: Record<JobFaultType, number> = {
  invalid_workflow: 400,
  invalid_input: 400,
  execution_error: 500,
  out_of_memory: 500,
  gpu_failed: 500,
  prompt_worker_dead: 500,
  interrupted: 500,
  no_outputs: 500,
  lost: 502,
  comfyui_unreachable: 502,
  timed_out: 502,
  internal_error: 500,
  cancelled: 499,
};

/** Why a job came to nothing. */
export class JobError extends Error {
  override readonly name = "JobError";
  readonly fault: JobFault;

  constructor(fault: JobFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }

  get status(): number {
    return statuses[this.fault.type];
  }
}
