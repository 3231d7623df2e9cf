import type { ComfyuiJob } from "@pyworker/testing";

/** A node that a stand-in for ComfyUI was sent. */
export interface SentNode {
  id: string;
  classType: unknown;
  inputs: Record<string, unknown>;
}

/** The nodes of a job. */
const sentNodes = ({ workflow }: ComfyuiJob): SentNode[] =>
  Object.entries(workflow).flatMap(([id, node]) =>
    isRecord(node) && isRecord(node.inputs) ? [{ id, classType: node.class_type, inputs: node.inputs }] : [],
  );

/** The node of a job that has an input of this name and not of this value. */
export function sentNode(job: ComfyuiJob, input: string, unlike?: unknown): SentNode {
  const found = sentNodes(job).find(({ inputs }) => input in inputs && inputs[input] !== unlike);
  if (found === undefined) {
    throw new Error(`no node has an input ${input}`);
  }
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
