import type { ServeContext } from "@pyworker/core";
import type { JobListener } from "../jobs/job.ts";

/** Books what is still to come of a job's workload, by how far it is. */
export const followLoad =
  (workload: number, context: Pick<ServeContext, "remaining">): JobListener =>
  ({ status }, progress) => {
    if (status === "generated") {
      // To deliver is no work of the GPU's.
      context.remaining(0);
    } else if (progress?.kind === "step") {
      context.remaining(workload * (1 - progress.percentage / 100));
    }
  };
