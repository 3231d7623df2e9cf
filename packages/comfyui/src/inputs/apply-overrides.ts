import { isRecord } from "../is-record.ts";
import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";

/** Inputs by a node's id or title; they may stand under `inputs`. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** More would fill a screen. */
const mostNodesNamed = 50;

/** A copy of a workflow with other values for some inputs. Throws JobError `invalid_input` where a node is not to be found. */
export function applyOverrides(workflow: Workflow, overrides: Overrides): Workflow {
  const titles = indexTitles(workflow);
  const changed = new Map(Object.entries(workflow));
  for (const [name, override] of Object.entries(overrides)) {
    const id = findNode(name, { workflow, titles });
    const node = changed.get(id);
    if (node !== undefined) {
      changed.set(id, { ...node, inputs: { ...node.inputs, ...inputsOf(override) } });
    }
  }
  return Object.fromEntries(changed);
}

interface Nodes {
  workflow: Workflow;
  /** Ids by title. */
  titles: ReadonlyMap<string, readonly string[]>;
}

function indexTitles(workflow: Workflow): Nodes["titles"] {
  const titled = Object.entries(workflow).filter(([, { _meta }]) => _meta?.title !== undefined);
  const groups = Map.groupBy(titled, ([, { _meta }]) => _meta?.title ?? "");
  return new Map([...groups].map(([title, nodes]) => [title, nodes.map(([id]) => id)]));
}

function findNode(name: string, { titles, workflow }: Nodes): string {
  if (Object.hasOwn(workflow, name)) {
    return name;
  }
  const [id, ...others] = titles.get(name) ?? [];
  if (id === undefined) {
    throw fault(name, `the workflow has no node with this id or title; it has ${listNodes(workflow)}`);
  }
  if (others.length > 0) {
    throw fault(name, `several nodes have this title: use one of their ids, ${enumerate([id, ...others])}`);
  }
  return id;
}

/** An object that holds nothing but `inputs` is the long form. */
function inputsOf(override: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { inputs, ...others } = override;
  return isRecord(inputs) && Object.keys(others).length === 0 ? inputs : override;
}

const listNodes = (workflow: Workflow): string =>
  enumerate(Object.entries(workflow).map(([id, { _meta, class_type }]) => `${id} (${_meta?.title ?? class_type})`));

function enumerate(nodes: readonly string[]): string {
  const named = nodes.slice(0, mostNodesNamed).join(", ");
  return nodes.length > mostNodesNamed ? `${named} and ${nodes.length - mostNodesNamed} more` : named;
}

const fault = (name: string, message: string): JobError =>
  new JobError({ type: "invalid_input", message: `overrides.${name}: ${message}` });
