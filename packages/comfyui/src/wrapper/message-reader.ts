import { type Clock, systemClock } from "@pyworker/core";
import { createProgressEstimate } from "../comfy/progress-estimate.ts";
import { samplerSteps } from "../comfy/sampler-steps.ts";
import { checkWorkflow } from "../inputs/check-workflow.ts";
import type { JobProgress } from "../jobs/progress.ts";
import type { Workflow } from "../workflow.ts";
import { nodesBefore } from "./nodes-before.ts";

/** Makes progress of the messages with which the wrapper describes a job: they are all that it tells of it. */
export type MessageReader = (message: string) => JobProgress | undefined;

/**
 * `workflow` is the request's own, for the nodes' classes and titles, and for how far the whole of it is: the wrapper's
 * percentage is that of a node. Undefined where a modifier makes one.
 */
export function createMessageReader(workflow: unknown, clock: Pick<Clock, "monotonic"> = systemClock): MessageReader {
  const checked = checkWorkflow(workflow);
  const nodes: Workflow = "workflow" in checked ? checked.workflow : {};
  const total = Object.keys(nodes).length;
  const estimate = total === 0 ? undefined : createProgressEstimate(nodes, clock);
  const begun = new Set<string>();
  let lastMessage = "";
  let lastNode = "";
  // Steps may come before any node has been heard of: the message of its beginning can be missed too.
  const likelyNode = [...samplerSteps(nodes).keys(), ...Object.keys(nodes)][0] ?? "";

  return (message) => {
    if (message === lastMessage) {
      return undefined;
    }
    lastMessage = message;
    const promptId = /^Generation started \(ComfyUI job: (.+)\)$/.exec(message)?.[1];
    if (promptId !== undefined) {
      return { kind: "started", promptId };
    }
    const nodeId = /^Processing node: (.+)$/.exec(message)?.[1];
    if (nodeId !== undefined) {
      // A message that is soon followed by another is missed.
      estimate?.finish([...(lastNode === nodeId ? [] : [lastNode]), ...nodesBefore(nodes, nodeId)]);
      lastNode = nodeId;
      begun.add(nodeId);
      const done = begun.size - 1;
      return { kind: "node", nodeId, ...describe(nodes, nodeId), done, total: Math.max(total, begun.size) };
    }
    const [, percentage, value, max] = /^Progress: ([\d.]+)% \(([\d.]+)\/([\d.]+)\)$/.exec(message) ?? [];
    if (percentage === undefined) {
      return undefined;
    }
    const step = { nodeId: lastNode || likelyNode, value: Number(value), max: Number(max) };
    return { kind: "step", ...step, ...(estimate?.step(step) ?? { percentage: Number(percentage) }) };
  };
}

function describe(nodes: Workflow, nodeId: string): { classType: string; title?: string } {
  const node = Object.hasOwn(nodes, nodeId) ? nodes[nodeId] : undefined;
  const title = node?._meta?.title;
  return { classType: node?.class_type ?? "", ...(title === undefined ? {} : { title }) };
}
