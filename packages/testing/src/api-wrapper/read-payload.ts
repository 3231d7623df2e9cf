import { type Fields, isObject } from "../server/read-body.ts";
import { parseExact } from "./exact-json.ts";

/** One entry of `detail`, as FastAPI has it. */
export interface Violation {
  type: string;
  loc: readonly (string | number)[];
  msg: string;
}

interface FieldRule {
  type: string;
  msg: string;
  holds(value: unknown): boolean;
}

const text: FieldRule = {
  type: "string_type",
  msg: "Input should be a valid string",
  holds: (value) => typeof value === "string",
};
const object: FieldRule = { type: "dict_type", msg: "Input should be a valid dictionary", holds: isObject };
const objectOrNull: FieldRule = { ...object, holds: (value) => value === null || isObject(value) };
const flag: FieldRule = {
  type: "bool_type",
  msg: "Input should be a valid boolean",
  holds: (value) => typeof value === "boolean",
};

const fieldRules: Readonly<Record<string, FieldRule>> = {
  request_id: text,
  modifier: text,
  modifications: object,
  workflow_json: object,
  s3: objectOrNull,
  webhook: objectOrNull,
  return_outputs_as_base64: flag,
};

/** The `input` of a request, or what is wrong with it. */
export function readPayload(body: Buffer): { input: Fields } | { violations: Violation[] } {
  let value: unknown;
  try {
    value = parseExact(body.toString());
  } catch {
    return { violations: [{ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error" }] };
  }
  if (!isObject(value) || value.input === undefined) {
    return { violations: [{ type: "missing", loc: ["body", "input"], msg: "Field required" }] };
  }
  const { input } = value;
  if (!isObject(input)) {
    return { violations: [{ ...violationOf(object), loc: ["body", "input"] }] };
  }
  const violations = Object.entries(fieldRules)
    .filter(([name, rule]) => input[name] !== undefined && !rule.holds(input[name]))
    .map(([name, rule]) => ({ ...violationOf(rule), loc: ["body", "input", name] }));
  const contradiction = violations.length > 0 ? undefined : findContradiction(input);
  if (contradiction !== undefined) {
    violations.push({ type: "value_error", loc: ["body", "input"], msg: `Value error, ${contradiction}` });
  }
  return violations.length > 0 ? { violations } : { input };
}

const violationOf = ({ msg, type }: FieldRule) => ({ type, msg });

/** An empty object or text counts as absent. */
export const isSet = (value: unknown): boolean =>
  isObject(value) ? Object.keys(value).length > 0 : value !== undefined && value !== null && value !== "";

function findContradiction({ modifications, modifier, workflow_json: workflow }: Fields): string | undefined {
  if (isSet(workflow) && isSet(modifier)) {
    return "workflow_json and modifier exclude each other";
  }
  if (!isSet(workflow) && !isSet(modifier)) {
    return "either workflow_json or modifier is required";
  }
  return isSet(modifications) && !isSet(modifier) ? "modifications need a modifier" : undefined;
}
