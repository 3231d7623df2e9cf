import type { Workflow } from "../workflow.ts";

/** The nodes whose outputs a node needs, and those that these need: they have run when it begins. */
export function nodesBefore(workflow: Workflow, nodeId: string): Set<string> {
  const before = new Set<string>();
  const toLookAt = [nodeId];
  for (let id = toLookAt.pop(); id !== undefined; id = toLookAt.pop()) {
    const inputs = Object.hasOwn(workflow, id) ? Object.values(workflow[id]?.inputs ?? {}) : [];
    for (const source of inputs.flatMap((input) => (Array.isArray(input) ? [String(input[0])] : []))) {
      if (Object.hasOwn(workflow, source) && source !== nodeId && !before.has(source)) {
        before.add(source);
        toLookAt.push(source);
      }
    }
  }
  return before;
}
