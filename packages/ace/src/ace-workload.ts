import { type Workflow, workflowWorkload } from "@pyworker/comfyui";

/** What Vast's worker takes any piece to cost. */
export const usualAceWorkload = 1000;

/** The workload of a workflow: 1000 for 180 seconds in 65 steps, and the constant for one that says nothing. */
export const aceWorkload = (workflow: Workflow): number =>
  workflowWorkload(workflow, { kind: "audio", fallback: usualAceWorkload });
