import type { Workflow, WorkflowNode } from "../workflow.ts";

/** The far end of a link between nodes. */
export interface Source {
  node: WorkflowNode;
  /** Which of its outputs. */
  output: number;
}

/** Links are followed no further: a workflow may well go in circles, until ComfyUI refuses it. */
export const mostHops = 8;
/** What ComfyUI takes for no input. Products of numbers up to here stay finite. */
const largest = 2 ** 64;

/**
 * The number that an input holds, or that it gets from a primitive node (`PrimitiveInt`, `INTConstant`: whatever has a
 * `value`). Undefined where that can't be told, and for what is no number from 0 to 2^64.
 */
export function readNumber(workflow: Workflow, input: unknown, hops = mostHops): number | undefined {
  if (Array.isArray(input)) {
    const source = readLink(workflow, input);
    return source === undefined || hops === 0 ? undefined : readNumber(workflow, source.node.inputs.value, hops - 1);
  }
  const value = toNumber(input);
  return value >= 0 && value <= largest ? value : undefined;
}

/** What an input is linked to; undefined where it is a value, or a link to nowhere. */
export function readLink(workflow: Workflow, input: unknown): Source | undefined {
  if (!Array.isArray(input)) {
    return undefined;
  }
  const [id, output] = input;
  // An id is any string: `constructor` must not find what every object has.
  const node = typeof id === "string" && Object.hasOwn(workflow, id) ? workflow[id] : undefined;
  return node === undefined ? undefined : { node, output: Number(output) };
}

/** As ComfyUI reads an input that must be a number: it takes `"20"` too. */
function toNumber(input: unknown): number {
  if (typeof input === "number" || typeof input === "bigint") {
    return Number(input);
  }
  return typeof input === "string" && input.trim() !== "" ? Number(input) : Number.NaN;
}
