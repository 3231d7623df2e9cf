import { z } from "zod";
import type { NodeFault } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";

const errorSchema = z.looseObject({
  type: z.string().catch("unknown"),
  message: z.string().catch(""),
  details: z.string().catch(""),
  extra_info: z
    .looseObject({
      input_name: z.string().optional(),
      input_config: z.unknown().optional(),
      received_value: z.unknown().optional(),
    })
    .catch({ input_config: undefined, received_value: undefined }),
});

type NodeError = z.infer<typeof errorSchema>;

const nodeErrorsSchema = z.record(
  z.string(),
  z.looseObject({ class_type: z.string().optional(), errors: z.array(errorSchema).catch([]) }),
);

/** Reads ComfyUI's `node_errors`: what is wrong with which input of which node. */
export function nodeFaultsOf(workflow: Workflow, nodeErrors: unknown): NodeFault[] {
  return Object.entries(nodeErrorsSchema.safeParse(nodeErrors).data ?? {}).flatMap(([nodeId, { class_type, errors }]) =>
    errors.map((error) => ({ ...nodeAt(workflow, nodeId, class_type), ...faultOf(workflow, error) })),
  );
}

/** Names a node for people as well: its class, and its title where it has one. */
export function nodeAt(
  workflow: Workflow,
  nodeId: string,
  classType?: string,
): Pick<NodeFault, "node_id" | "class_type" | "title"> {
  const node = workflow[nodeId];
  const title = node?._meta?.title;
  const named = { node_id: nodeId, class_type: classType ?? node?.class_type ?? "" };
  return title === undefined ? named : { ...named, title };
}

/** What is wrong with a workflow's nodes, in one line. */
export function describeFaults(faults: readonly NodeFault[]): string {
  const lines = faults.slice(0, mostDescribed).map(describe);
  const more = faults.length - lines.length;
  return lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

const mostDescribed = 5;
const mostAllowedDescribed = 8;

function describe({ allowed, class_type, field, message, node_id }: NodeFault): string {
  const place = `node ${node_id} (${class_type})${field === undefined ? "" : ` ${field}`}`;
  if (allowed === undefined || allowed.length === 0) {
    return `${place}: ${message}`;
  }
  const shown = allowed.slice(0, mostAllowedDescribed).map(quoted).join(", ");
  return `${place}: ${message} (allowed: ${shown}${allowed.length > mostAllowedDescribed ? ", …" : ""})`;
}

function faultOf(workflow: Workflow, error: NodeError): Omit<NodeFault, "node_id" | "class_type"> {
  const { input_config, input_name, received_value } = error.extra_info;
  return {
    ...(input_name === undefined ? {} : { field: input_name }),
    type: error.type,
    message: messageOf(workflow, error),
    ...(received_value === undefined ? {} : { received: received_value }),
    ...limitsOf(input_config),
  };
}

function messageOf(workflow: Workflow, { details, extra_info, message, type }: NodeError): string {
  const { exception_type, input_name, received_value } = extra_info;
  if (type === "value_not_in_list") {
    return `value not in list: ${quoted(received_value)}`;
  }
  // ComfyUI looks for the other end of a link, and says no more than what it didn't find.
  const missing = exception_type === "KeyError" ? /^'(.*)'$/.exec(details)?.[1] : undefined;
  if (missing !== undefined && !(missing in workflow)) {
    return `a link leads to node ${missing}, which is not in the workflow`;
  }
  return readable(message, details, input_name);
}

function readable(message: string, details: string, field: string | undefined): string {
  // Often the details are the field's name once more, or begin with it.
  const more =
    field !== undefined && details.startsWith(field) ? details.slice(field.length).replace(/^[\s:,-]+/, "") : details;
  return more === "" ? message : `${message}: ${more}`;
}

const quoted = (value: unknown): string => (typeof value === "string" ? `"${value}"` : String(value));

/** The most values that are passed on: a folder of models can hold thousands. */
const mostAllowed = 50;

const rangeSchema = z.looseObject({
  min: z.unknown().optional(),
  max: z.unknown().optional(),
  options: z.array(z.unknown()).optional(),
});
// Of old nodes, a list of values stands in place of the type; of new ones it stands among the options.
const inputConfigSchema = z.tuple([z.unknown()], z.unknown());

/** What would do, out of a description of an input as /object_info and validation give it. */
export function limitsOf(inputConfig: unknown): Pick<NodeFault, "allowed" | "minimum" | "maximum"> {
  const [type, options] = inputConfigSchema.safeParse(inputConfig).data ?? [];
  const { max, min, options: listed } = rangeSchema.safeParse(options).data ?? {};
  const values = Array.isArray(type) ? type : type === "COMBO" ? listed : undefined;
  return {
    ...(values === undefined ? {} : { allowed: shortened(values) }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}

const shortened = (values: readonly unknown[]): readonly unknown[] =>
  values.length <= mostAllowed
    ? values
    : [...values.slice(0, mostAllowed), `… and ${values.length - mostAllowed} more`];
