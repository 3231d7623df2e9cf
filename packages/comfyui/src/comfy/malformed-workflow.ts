import { editorFormatAdvice, isEditorFormat } from "../inputs/editor-format.ts";
import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";

/**
 * What keeps a workflow from being one at all; undefined where ComfyUI may judge it. ComfyUI itself answers some of these with
 * status 500, which looks like a failure of its own.
 */
export function malformedWorkflow(workflow: Workflow): JobError | undefined {
  if (isEditorFormat(workflow)) {
    return invalid(editorFormatAdvice);
  }
  for (const [nodeId, node] of Object.entries<unknown>(workflow)) {
    if (typeof node !== "object" || node === null || !("class_type" in node) || typeof node.class_type !== "string") {
      return invalid(`node ${nodeId} has no class_type: a workflow in the API's format has nodes by their ids`);
    }
    if (!("inputs" in node) || typeof node.inputs !== "object" || node.inputs === null || Array.isArray(node.inputs)) {
      return invalid(`node ${nodeId} (${node.class_type}) has no inputs`);
    }
  }
  return undefined;
}

const invalid = (message: string): JobError => new JobError({ type: "invalid_workflow", message });
