import type { Workflow, WorkflowNode } from "../workflow.ts";

/** How many steps each sampler of a workflow will take, by node id; samplers whose steps can't be told ahead are left out. */
export function samplerSteps(workflow: Workflow): Map<string, number> {
  const steps = new Map<string, number>();
  for (const [nodeId, node] of Object.entries(workflow)) {
    const count = stepsOf(workflow, node);
    if (count !== undefined && count > 0) {
      steps.set(nodeId, count);
    }
  }
  return steps;
}

function stepsOf(workflow: Workflow, { class_type, inputs }: WorkflowNode): number | undefined {
  if (!class_type.includes("Sampler")) {
    return undefined;
  }
  const steps = numberAt(workflow, inputs.steps) ?? stepsOfSigmas(workflow, inputs.sigmas);
  if (steps === undefined) {
    return undefined;
  }
  // Of the two samplers of a Wan workflow, each takes a part: `end_at_step` is 10000 where it goes on to the end.
  const first = numberAt(workflow, inputs.start_at_step) ?? 0;
  const end = numberAt(workflow, inputs.end_at_step) ?? steps;
  return Math.min(end, steps) - first;
}

/** A custom sampler gets its steps from a scheduler, with or without nodes in between that change the sigmas. */
function stepsOfSigmas(workflow: Workflow, link: unknown, hopsLeft = 8): number | undefined {
  const inputs = linked(workflow, link)?.inputs;
  if (inputs === undefined || hopsLeft === 0) {
    return undefined;
  }
  return numberAt(workflow, inputs.steps) ?? stepsOfSigmas(workflow, inputs.sigmas, hopsLeft - 1);
}

/** A number that is written there, or that a primitive node linked there holds. */
function numberAt(workflow: Workflow, value: unknown): number | undefined {
  const number = Array.isArray(value) ? linked(workflow, value)?.inputs.value : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

const linked = (workflow: Workflow, link: unknown): WorkflowNode | undefined =>
  Array.isArray(link) && link.length === 2 ? workflow[String(link[0])] : undefined;
