/** One node of a workflow in ComfyUI's API format. A link to another node's output is `[node id, output index]`. */
export interface WorkflowNode {
  class_type: string;
  inputs: Record<string, unknown>;
  _meta?: { title?: string | undefined } | undefined;
}

/** A workflow in ComfyUI's API format: nodes by their ids. Integers beyond 2^53 (seeds) are `bigint`. */
export type Workflow = Record<string, WorkflowNode>;
