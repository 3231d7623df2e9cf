import { isRecord } from "../is-record.ts";
import type { Workflow, WorkflowNode } from "../workflow.ts";
import { editorFormatAdvice, isEditorFormat } from "./editor-format.ts";

export interface WorkflowProblem {
  /** Where it is within the workflow; empty for the whole. */
  path: string[];
  message: string;
}

export type CheckedWorkflow = { workflow: Workflow } | { problems: WorkflowProblem[] };

const mostNodes = 10_000;
/** Enough to see what is wrong; a list of ten thousand helps nobody. */
const mostProblems = 10;

/** A workflow in API format, or what keeps it from being one, node by node. Whether its nodes exist is for ComfyUI to say. */
export function checkWorkflow(value: unknown): CheckedWorkflow {
  if (!isRecord(value)) {
    return whole("expected a workflow in API format: an object of nodes by their ids");
  }
  if (isEditorFormat(value)) {
    return whole(editorFormatAdvice);
  }
  const nodes = Object.entries(value);
  if (nodes.length === 0) {
    return whole("the workflow has no nodes");
  }
  if (nodes.length > mostNodes) {
    return whole(`the workflow has ${nodes.length} nodes; at most ${mostNodes} are allowed`);
  }
  if (isWorkflow(value)) {
    return { workflow: value };
  }
  const problems = nodes.flatMap(([id, node]) => {
    const message = problemOf(node);
    return message === undefined ? [] : [{ path: [id], message: `node ${id}: ${message}` }];
  });
  return { problems: problems.slice(0, mostProblems) };
}

const whole = (message: string): CheckedWorkflow => ({ problems: [{ path: [], message }] });

const isWorkflow = (value: Record<string, unknown>): value is Workflow => Object.values(value).every(isNode);

const isNode = (node: unknown): node is WorkflowNode => problemOf(node) === undefined;

function problemOf(node: unknown): string | undefined {
  if (!isRecord(node)) {
    return "expected an object with class_type and inputs";
  }
  if (typeof node.class_type !== "string" || node.class_type === "") {
    return "class_type is missing: expected the name of the node's class";
  }
  if (!isRecord(node.inputs)) {
    return `inputs is missing (class_type ${node.class_type}): expected an object, which may be empty`;
  }
  return isMeta(node._meta) ? undefined : "_meta: expected an object whose title is a string";
}

const isMeta = (meta: unknown): boolean =>
  meta === undefined || (isRecord(meta) && (meta.title === undefined || typeof meta.title === "string"));
