import { type Fields, isObject } from "../server/read-body.ts";
import type { FileStore } from "./file-store.ts";
import { comfyuiLogLines } from "./log-lines.ts";
import { nodeTable } from "./nodes/node-table.ts";
import type { Prompt, PromptNode } from "./prompt.ts";
import { type InputError, type NodeVerdicts, validateInputs } from "./validate-inputs.ts";

interface NodeErrors {
  errors: InputError[];
  dependent_outputs: string[];
  class_type: string;
}

/** What ComfyUI makes of a prompt before it takes it. */
export interface Verdict {
  /** Set where nothing of it can run. */
  error?: InputError;
  prompt: Prompt;
  /** The outputs that can be made. */
  outputs: string[];
  nodeErrors: Record<string, NodeErrors>;
  /** What it logs of them. */
  lines: string[];
}

interface ValidationOptions {
  files: FileStore;
  /** The outputs that are wanted; undefined: all. */
  targets: readonly unknown[] | undefined;
  /** Whether it is a version that has `missing_node_type`. */
  isNewest: boolean;
}

export function validatePrompt(fields: Fields, { files, isNewest, targets }: ValidationOptions): Verdict {
  const error = findShapeError(fields, isNewest);
  if (error !== undefined) {
    return { error, prompt: {}, outputs: [], nodeErrors: {}, lines: [] };
  }
  const prompt = readPrompt(fields);
  const wanted = Object.entries(prompt)
    .filter(([nodeId, { class_type }]) => nodeTable.get(class_type)?.isOutput && (targets?.includes(nodeId) ?? true))
    .map(([nodeId]) => nodeId);
  const verdict: Verdict = { prompt, outputs: [], nodeErrors: {}, lines: [] };
  if (wanted.length === 0) {
    return { ...verdict, error: fault("prompt_no_outputs", "Prompt has no outputs", "") };
  }
  const ofOutputs: InputError[] = [];
  // One for all outputs, and so a faulty node also counts among those of an output that fails for another reason.
  const verdicts: NodeVerdicts = new Map();
  for (const output of wanted) {
    if (isValidOutput(output, { prompt, files, verdicts })) {
      verdict.outputs.push(output);
      continue;
    }
    const faulty = [...verdicts].filter(([, { errors }]) => errors.length > 0);
    const toldFirst = faulty.filter(([nodeId]) => verdict.nodeErrors[nodeId] === undefined);
    for (const [nodeId, { errors }] of faulty) {
      const classType = prompt[nodeId]?.class_type ?? "";
      verdict.nodeErrors[nodeId] ??= { errors, dependent_outputs: [], class_type: classType };
      verdict.nodeErrors[nodeId].dependent_outputs.push(output);
    }
    const own = verdicts.get(output)?.errors ?? [];
    ofOutputs.push(...own);
    const lines = [
      ...(own.length > 0 ? ["* (prompt):", ...own.map(faultLine)] : []),
      ...toldFirst.flatMap(faultLines(prompt)),
    ];
    verdict.lines.push(...comfyuiLogLines.invalidOutput(output, lines));
  }
  if (verdict.outputs.length === 0) {
    const details = ofOutputs.map((found) => `${found.message}: ${found.details}`).join("\n");
    verdict.error = fault("prompt_outputs_failed_validation", "Prompt outputs failed validation", details);
  }
  return verdict;
}

const fault = (type: string, message: string, details: string, info: object = {}): InputError => ({
  type,
  message,
  details,
  extra_info: info,
});

export const noPrompt: InputError = fault("no_prompt", "No prompt provided", "No prompt provided");

function findShapeError(fields: Fields, isNewest: boolean): InputError | undefined {
  // The editor's format holds its nodes in a list: ComfyUI takes the list for a node.
  const faulty = Array.isArray(fields.nodes)
    ? "nodes"
    : Object.keys(fields).find((nodeId) => typeof classOf(fields[nodeId]) !== "string");
  if (faulty !== undefined) {
    const message = "Cannot execute because a node is missing the class_type property.";
    return fault("invalid_prompt", message, `Node ID '#${faulty}'`);
  }
  for (const [nodeId, node] of Object.entries(fields)) {
    const classType = String(classOf(node));
    if (!nodeTable.has(classType)) {
      return unknownClass({ nodeId, classType, node, isNewest });
    }
  }
  return undefined;
}

interface UnknownClass {
  nodeId: string;
  classType: string;
  node: unknown;
  isNewest: boolean;
}

function unknownClass({ classType, isNewest, node, nodeId }: UnknownClass): InputError {
  if (!isNewest) {
    const message = `Cannot execute because node ${classType} does not exist.`;
    return fault("invalid_prompt", message, `Node ID '#${nodeId}'`);
  }
  const title = isObject(node) && isObject(node._meta) ? node._meta.title : undefined;
  const info = { node_id: nodeId, class_type: classType, node_title: title ?? classType };
  const message = `Node '${title ?? classType}' not found. The custom node may not be installed.`;
  return fault("missing_node_type", message, `Node ID '#${nodeId}'`, info);
}

const classOf = (node: unknown): unknown => (isObject(node) ? node.class_type : undefined);

const readPrompt = (fields: Fields): Prompt =>
  Object.fromEntries(
    Object.entries(fields).map(([nodeId, node]): [string, PromptNode] => {
      const inputs = isObject(node) && isObject(node.inputs) ? node.inputs : {};
      return [nodeId, { ...(isObject(node) ? node : {}), class_type: String(classOf(node)), inputs }];
    }),
  );

interface OutputValidation {
  prompt: Prompt;
  files: FileStore;
  verdicts: NodeVerdicts;
}

function isValidOutput(output: string, validation: OutputValidation): boolean {
  try {
    return validateInputs(output, validation);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const info = { exception_type: "KeyError", traceback: [] };
    const errors = [fault("exception_during_validation", "Exception when validating node", reason, info)];
    validation.verdicts.set(output, { errors, isValid: false });
    return false;
  }
}

/** What the log says of a node's faults. */
const faultLines =
  (prompt: Prompt) =>
  ([nodeId, { errors }]: [string, { errors: InputError[] }]): string[] => [
    `* ${prompt[nodeId]?.class_type} ${nodeId}:`,
    ...errors.map(faultLine),
  ];

const faultLine = ({ details, message }: InputError): string => `  - ${message}: ${details}`;
