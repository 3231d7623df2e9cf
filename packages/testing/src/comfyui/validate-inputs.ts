import { isObject } from "../server/read-body.ts";
import type { FileStore } from "./file-store.ts";
import { type InputSpec, type NodeClass, optionsOf } from "./nodes/node-class.ts";
import { nodeTable } from "./nodes/node-table.ts";
import { isLink, literalOf, type Prompt } from "./prompt.ts";

/** What is wrong with one input, in ComfyUI's words. */
export interface InputError {
  type: string;
  message: string;
  details: string;
  extra_info: object;
}

/** What was found of a node that was looked at. */
interface NodeVerdict {
  errors: InputError[];
  /** Whether it and all before it can run. */
  isValid: boolean;
}

export type NodeVerdicts = Map<string, NodeVerdict>;

interface Validation {
  prompt: Prompt;
  files: FileStore;
  verdicts: NodeVerdicts;
  /** The nodes between the output and this one. */
  path?: readonly string[];
}

/** Looks at a node and all before it; tells whether they can run. Throws where a link leads nowhere. */
export function validateInputs(nodeId: string, validation: Validation): boolean {
  const { files, path = [], prompt, verdicts } = validation;
  const earlier = verdicts.get(nodeId);
  if (earlier !== undefined) {
    return earlier.isValid;
  }
  if (path.includes(nodeId)) {
    blameCycle([...path.slice(path.indexOf(nodeId)), nodeId], validation);
    return false;
  }
  const node = prompt[nodeId];
  const nodeClass = node && nodeTable.get(node.class_type);
  if (node === undefined || nodeClass === undefined) {
    // What Python's KeyError says.
    throw new Error(`'${nodeId}'`);
  }
  const found: InputError[] = [];
  let isValid = true;
  for (const [name, spec] of Object.entries({ ...nodeClass.required, ...nodeClass.optional })) {
    const value = node.inputs[name];
    const input: Input = { name, spec, value: literalOf(value) };
    if (value === undefined) {
      found.push(...(name in nodeClass.required ? [missing(name)] : []));
    } else if (Array.isArray(value)) {
      const error = findLinkError({ ...input, value }, prompt);
      if (error !== undefined) {
        found.push(error);
      } else if (isLink(value)) {
        isValid = validateSource(value[0], input, { ...validation, path: [...path, nodeId] }) && isValid;
      }
    } else {
      const error = findFileError(input, nodeClass, files) ?? findValueError(input, nodeClass);
      found.push(...(error === undefined ? [] : [error]));
    }
  }
  // A cycle that leads through it may have been blamed on it meanwhile.
  const errors = [...(verdicts.get(nodeId)?.errors ?? []), ...found];
  isValid = isValid && errors.length === 0;
  verdicts.set(nodeId, { errors, isValid });
  return isValid;
}

interface Input {
  name: string;
  spec: InputSpec;
  value: unknown;
}

const missing = (name: string): InputError => ({
  type: "required_input_missing",
  message: "Required input is missing",
  details: name,
  extra_info: { input_name: name },
});

const about = ({ name, spec, value }: Input) => ({ input_name: name, input_config: spec, received_value: value });

function findLinkError(input: Input, prompt: Prompt): InputError | undefined {
  const { name, spec, value } = input;
  if (!isLink(value)) {
    return {
      type: "bad_linked_input",
      message: "Bad linked input, must be a length-2 list of [node_id, slot_index]",
      details: name,
      extra_info: about(input),
    };
  }
  const [source, slot] = value;
  const received = nodeTable.get(prompt[source]?.class_type ?? "")?.outputs[slot];
  if (prompt[source] === undefined) {
    throw new Error(`'${source}'`);
  }
  if (received === undefined) {
    throw new Error("tuple index out of range");
  }
  const [expected] = spec;
  if (received === expected) {
    return undefined;
  }
  return {
    type: "return_type_mismatch",
    message: "Return type mismatch between linked nodes",
    details: `${name}, received_type(${received}) mismatch input_type(${expected})`,
    extra_info: { input_name: name, input_config: spec, received_type: received, linked_node: value },
  };
}

/** All nodes of a cycle are at fault. */
function blameCycle(path: readonly string[], { prompt, verdicts }: Validation): void {
  const details = path.map((nodeId) => `${nodeId} (${prompt[nodeId]?.class_type})`).join(" -> ");
  const nodes = [...new Set(path)];
  for (const nodeId of nodes) {
    const info = { node_id: nodeId, cycle_nodes: nodes };
    const error = { type: "dependency_cycle", message: "Dependency cycle detected", details, extra_info: info };
    verdicts.set(nodeId, { errors: [error], isValid: false });
  }
}

/** Looks at the node that an input comes from. Where a link before that one leads nowhere, that node is at fault. */
function validateSource(source: string, { name, spec, value }: Input, validation: Validation): boolean {
  try {
    return validateInputs(source, validation);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const inner: InputError = {
      type: "exception_during_inner_validation",
      message: "Exception when validating inner node",
      details: reason,
      extra_info: {
        input_name: name,
        input_config: spec,
        exception_message: reason,
        exception_type: "KeyError",
        traceback: [],
        linked_node: value,
      },
    };
    validation.verdicts.set(source, { errors: [inner], isValid: false });
    return false;
  }
}

function findFileError(input: Input, { fileInput }: NodeClass, files: FileStore): InputError | undefined {
  if (fileInput?.name !== input.name || files.inputDigest(String(input.value)) !== undefined) {
    return undefined;
  }
  return {
    type: "custom_validation_failed",
    message: "Custom validation failed for node",
    details: `${input.name} - Invalid ${fileInput.kind} file: ${input.value}`,
    extra_info: { input_name: input.name },
  };
}

function findValueError(input: Input, { fileInput }: NodeClass): InputError | undefined {
  const {
    name,
    spec: [type, config],
  } = input;
  const options = optionsOf(input.spec);
  if (options !== undefined) {
    return fileInput?.name === name ? undefined : findChoiceError(input, options);
  }
  if (type !== "INT" && type !== "FLOAT") {
    return undefined;
  }
  const number = numberFrom(input.value, type);
  if (number === undefined) {
    const reason = isObject(input.value)
      ? `${type.toLowerCase()}() argument must be a string or a real number, not 'dict'`
      : `invalid literal for ${type.toLowerCase()}(): '${input.value}'`;
    return {
      type: "invalid_input_type",
      message: `Failed to convert an input value to a ${type} value`,
      details: `${name}, ${input.value}, ${reason}`,
      extra_info: { ...about(input), exception_message: reason },
    };
  }
  const { max, min } = config;
  if (isNumber(min) && number < min) {
    const message = `Value ${number} smaller than min of ${min}`;
    return { type: "value_smaller_than_min", message, details: name, extra_info: about({ ...input, value: number }) };
  }
  if (isNumber(max) && number > max) {
    const message = `Value ${number} bigger than max of ${max}`;
    return { type: "value_bigger_than_max", message, details: name, extra_info: about({ ...input, value: number }) };
  }
  return undefined;
}

const isNumber = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** What Python's `int()` and `float()` make of it. */
function numberFrom(value: unknown, type: "INT" | "FLOAT"): number | bigint | undefined {
  if (typeof value === "bigint") {
    return value;
  }
  const pattern = type === "INT" ? /^\s*[-+]?\d+\s*$/ : /^\s*[-+]?[\d.]+(e[-+]?\d+)?\s*$/i;
  const isReadable =
    typeof value === "string" ? pattern.test(value) : typeof value === "number" || typeof value === "boolean";
  const number = isReadable ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) {
    return undefined;
  }
  return type === "INT" ? Math.trunc(number) : number;
}

/** Longer lists aren't told. */
const mostToldOptions = 20;

function findChoiceError(input: Input, options: readonly unknown[]): InputError | undefined {
  const { name, value } = input;
  if (options.some((option) => option === value)) {
    return undefined;
  }
  const isLong = options.length > mostToldOptions;
  const told = isLong ? `(list of length ${options.length})` : `[${options.map((option) => `'${option}'`).join(", ")}]`;
  return {
    type: "value_not_in_list",
    message: "Value not in list",
    details: `${name}: '${value}' not in ${told}`,
    extra_info: { ...about(input), ...(isLong ? { input_config: null } : {}) },
  };
}
