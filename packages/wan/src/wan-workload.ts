import { type Workflow, workflowWorkload } from "@pyworker/comfyui";

/** What Vast's worker takes any video to cost. */
export const usualWanWorkload = 10_000;

/** The workload of a workflow: 10,000 for 640 x 640 pixels and 81 frames in 20 steps, and the constant for one that says nothing. */
export const wanWorkload = (workflow: Workflow): number =>
  workflowWorkload(workflow, { kind: "video", fallback: usualWanWorkload });
