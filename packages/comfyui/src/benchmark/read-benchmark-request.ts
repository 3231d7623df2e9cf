import { parseJson } from "@pyworker/core";
import { isEditorFormat } from "../inputs/editor-format.ts";
import { isRecord } from "../is-record.ts";

/** What a request's `input` holds. */
export type RequestInput = Record<string, unknown>;

/**
 * Reads a benchmark's file: a whole request (`{"input": {…}}`), an input alone, or nothing but a workflow in ComfyUI's
 * API format. Throws an Error that says why it is none.
 */
export function readBenchmarkRequest(text: string): RequestInput {
  const content = parseJson(text);
  if (!isRecord(content)) {
    throw new Error("it holds no JSON object");
  }
  const input = "input" in content && !isNode(content.input) ? content.input : inputOf(content);
  if (!isRecord(input)) {
    throw new Error("its `input` is no object");
  }
  const workflow = typeof input.workflow_json === "string" ? parseJson(input.workflow_json) : input.workflow_json;
  if (isFilled(workflow)) {
    checkWorkflow(workflow);
    return { ...input, workflow_json: workflow };
  }
  return input;
}

/** Why an input asks ComfyUI for nothing; undefined where it does. */
export const askingForNothing = (input: RequestInput): string | undefined =>
  isFilled(input.workflow_json) || (typeof input.modifier === "string" && input.modifier !== "")
    ? undefined
    : "it has neither a `workflow_json` nor a `modifier`";

const inputOf = (content: RequestInput): RequestInput =>
  "workflow_json" in content || "modifier" in content ? content : { workflow_json: content };

function checkWorkflow(workflow: RequestInput): void {
  if (isEditorFormat(workflow)) {
    throw new Error("its workflow is in the editor's format: export it with `Export (API)`");
  }
  const wrong = Object.entries(workflow).find(([, node]) => !isNode(node));
  if (wrong !== undefined) {
    throw new Error(`its workflow has no class_type or no inputs in node ${JSON.stringify(wrong[0])}`);
  }
}

const isNode = (value: unknown): boolean =>
  isRecord(value) && typeof value.class_type === "string" && isRecord(value.inputs);

/** Whether it is set: an empty object stands for nothing, as in the examples that clients are copied from. */
export const isFilled = (value: unknown): value is RequestInput => isRecord(value) && Object.keys(value).length > 0;
