import { isRecord } from "../is-record.ts";
import type { Workflow, WorkflowNode } from "../workflow.ts";

/** Where in a workflow a text stands. */
export interface Place {
  nodeId: string;
  node: WorkflowNode;
  /** The input, and the way into it where it is a list or an object: `images.0`. */
  field: string;
}

/** A copy of a workflow in which each text of a node's inputs, however deep, is what `replace` makes of it. Links stay. */
export const mapInputs = (workflow: Workflow, replace: (text: string, place: Place) => unknown): Workflow =>
  Object.fromEntries(
    Object.entries(workflow).map(([nodeId, node]) => {
      const map = (value: unknown, path: readonly string[]): unknown => {
        if (typeof value === "string") {
          return replace(value, { nodeId, node, field: path.join(".") });
        }
        if (Array.isArray(value)) {
          return isLink(value) ? value : value.map((item, index) => map(item, [...path, String(index)]));
        }
        return isRecord(value) ? mapRecord(value, (item, key) => map(item, [...path, key])) : value;
      };
      return [nodeId, { ...node, inputs: mapRecord(node.inputs, (value, key) => map(value, [key])) }];
    }),
  );

const mapRecord = (
  record: Record<string, unknown>,
  map: (value: unknown, key: string) => unknown,
): Record<string, unknown> => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));

/** `[node id, output index]`: the id is no text of the client's, even where a file has the same name. */
const isLink = (value: readonly unknown[]): boolean =>
  value.length === 2 && typeof value[0] === "string" && Number.isInteger(value[1]);
