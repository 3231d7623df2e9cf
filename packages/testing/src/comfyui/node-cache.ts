import { createHash } from "node:crypto";
import type { Fields } from "../server/read-body.ts";
import type { FileStore } from "./file-store.ts";
import { stringifyExact } from "./json.ts";
import type { Media } from "./nodes/node-class.ts";
import { nodeTable } from "./nodes/node-table.ts";
import { isLink, type Prompt } from "./prompt.ts";

/** What a node has made. */
export interface NodeResult {
  media: Media;
  ui?: Fields;
  /** Why what stands behind it may not run; "": for no reason that is told. */
  block?: string;
}

/** Results by the signatures of the nodes that made them. */
export interface NodeCache {
  get(signature: string): NodeResult | undefined;
  set(signature: string, result: NodeResult): void;
  /** Forgets all but these: like ComfyUI, it remembers what the latest prompt holds, and nothing from before. */
  keep(signatures: readonly string[]): void;
  clear(): void;
}

export function createNodeCache(): NodeCache {
  const results = new Map<string, NodeResult>();
  return {
    get: (signature) => results.get(signature),
    set: (signature, result) => results.set(signature, result),
    keep: (signatures) => {
      const kept = new Set(signatures);
      for (const signature of [...results.keys()].filter((known) => !kept.has(known))) {
        results.delete(signature);
      }
    },
    clear: () => results.clear(),
  };
}

/** What tells a node from others: its class and inputs, all that stand before it, and the content of the files they name. */
export function signaturesOf(prompt: Prompt, files: FileStore): Map<string, string> {
  const signatures = new Map<string, string>();
  const sign = (nodeId: string): string => {
    const known = signatures.get(nodeId);
    const node = prompt[nodeId];
    if (known !== undefined || node === undefined) {
      return known ?? "";
    }
    // Against a cycle among nodes that no output needs.
    signatures.set(nodeId, "");
    const inputs = Object.entries(node.inputs)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => [name, isLink(value) ? [sign(value[0]), value[1]] : value]);
    const fileInput = nodeTable.get(node.class_type)?.fileInput?.name;
    const file = fileInput === undefined ? "" : files.inputDigest(String(node.inputs[fileInput]));
    const signature = createHash("sha256")
      .update(stringifyExact([node.class_type, inputs, file]))
      .digest("hex");
    signatures.set(nodeId, signature);
    return signature;
  };
  for (const nodeId of Object.keys(prompt)) {
    sign(nodeId);
  }
  return signatures;
}
