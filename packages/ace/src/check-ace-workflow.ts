import type { Workflow } from "@pyworker/comfyui";

/** `TextEncodeAceStepAudio1.5`, `EmptyAceStep1.5LatentAudio`, and what is added to them. */
const newerNode = /ace.?step.*1\.5/i;

/**
 * What to tell of a workflow for ACE-Step 1.5: which of its nodes are, and what they need. Undefined for any other.
 *
 * Such a workflow is not refused. A ComfyUI that has the nodes and the models runs it like any workflow, and it is priced
 * by its seconds and steps. One that lacks them refuses it by a class name alone; this says what that means.
 */
export function checkAceWorkflow(workflow: Workflow): string | undefined {
  const nodes = Object.entries(workflow).filter(([, { class_type: classType }]) => newerNode.test(classType));
  if (nodes.length === 0) {
    return undefined;
  }
  const named = nodes.map(([id, { class_type: classType }]) => `node ${id} (${classType})`).join(", ");
  return `this is a workflow for ACE-Step 1.5, by ${named}: it runs where ComfyUI has these nodes and the models of 1.5; ACE-Step v1, which this worker is set up for, takes TextEncodeAceStepAudio and EmptyAceStepLatentAudio, or typed fields (tags, lyrics, seconds)`;
}
