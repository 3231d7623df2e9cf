import type { Fields } from "../server/read-body.ts";
import { executeNode, finishNode, Interrupted, type Run, type Step } from "./execute-node.ts";
import { type NodeResult, signaturesOf } from "./node-cache.ts";
import { NodeFailure } from "./nodes/node-class.ts";
import { nodeTable } from "./nodes/node-table.ts";
import { isLink, literalOf, type PromptNode, type QueuedPrompt } from "./prompt.ts";

export interface RunResult {
  state: "success" | "error" | "interrupted";
  outputs: Record<string, Fields>;
  failure?: NodeFailure;
}

/** Runs a prompt's nodes, each after those that it needs, and reports as ComfyUI does. */
export async function executePrompt(run: Run): Promise<RunResult> {
  const { cache, files, queued, report } = run;
  const { job, prompt } = queued;
  report("execution_start", {});
  const signatures = signaturesOf(prompt, files);
  cache.keep([...signatures.values()]);
  const resultOf = (nodeId: string) => cache.get(signatures.get(nodeId) ?? "");
  const cached = Object.keys(prompt).filter((nodeId) => resultOf(nodeId) !== undefined);
  report("execution_cached", { nodes: cached });
  const progress: Step["progress"] = {};
  const made: Record<string, Fields> = {};
  for (const nodeId of cached) {
    const ui = resultOf(nodeId)?.ui;
    if (ui !== undefined) {
      made[nodeId] = ui;
    }
  }
  const results = new Map<string, NodeResult>();
  const { cycleAt, order } = orderOf(queued, (id) => resultOf(id) !== undefined);
  if (cycleAt !== undefined) {
    report("execution_error", { ...blame(job, cycleAt, prompt), ...cycleError });
    // ComfyUI calls it a success all the same.
    return { state: "success", outputs: made };
  }
  for (const nodeId of order) {
    const node = prompt[nodeId];
    const nodeClass = nodeTable.get(node?.class_type ?? "");
    if (node === undefined || nodeClass === undefined) {
      continue;
    }
    const step: Step = { nodeId, node, nodeClass, signature: signatures.get(nodeId) ?? "", results, progress };
    const known = cache.get(step.signature);
    try {
      const result = known ?? (await executeNode(run, step));
      results.set(nodeId, result);
      cache.set(step.signature, result);
      if (result.ui !== undefined) {
        made[nodeId] = result.ui;
        run.send("executed", { node: nodeId, display_node: nodeId, output: result.ui, prompt_id: job.promptId });
      }
      finishNode(run, step);
      if (known === undefined) {
        job.executedNodes.push(nodeId);
      }
    } catch (error) {
      const about = blame(job, nodeId, prompt);
      if (error instanceof Interrupted) {
        report("execution_interrupted", about);
        return { state: "interrupted", outputs: made };
      }
      const failure = failureOf(error);
      report("execution_error", { ...about, ...described(failure, node) });
      return { state: "error", outputs: made, failure };
    }
  }
  report("execution_success", {});
  return { state: "success", outputs: made };
}

/** A link leads to a node that is not there, through an input that nobody has looked at: the thread ends that runs prompts. */
export class WorkerDeath extends Error {}

interface Order {
  order: string[];
  /** A node of a cycle that nothing can begin with. */
  cycleAt: string | undefined;
}

/** The nodes that have to be looked at: outputs, and what they need that isn't cached; each after those before it. */
function orderOf({ outputs, prompt }: QueuedPrompt, isCached: (nodeId: string) => boolean): Order {
  const order: string[] = [];
  let cycleAt: string | undefined;
  const visit = (nodeId: string, path: readonly string[]) => {
    if (order.includes(nodeId)) {
      return;
    }
    if (path.includes(nodeId)) {
      cycleAt ??= nodeId;
      return;
    }
    const node = prompt[nodeId];
    if (node === undefined) {
      throw new WorkerDeath(`NodeNotFoundError: Node ${nodeId} not found`);
    }
    for (const value of isCached(nodeId) ? [] : Object.values(node.inputs)) {
      if (isLink(value)) {
        visit(value[0], [...path, nodeId]);
      }
    }
    order.push(nodeId);
  };
  for (const output of outputs) {
    visit(output, []);
  }
  return { order, cycleAt };
}

const cycleError = {
  exception_message: "Dependency cycle detected",
  exception_type: "graph.DependencyCycleError",
  traceback: [],
  current_inputs: [],
  current_outputs: [],
};

const blame = ({ executedNodes }: QueuedPrompt["job"], nodeId: string, prompt: QueuedPrompt["prompt"]) => ({
  node_id: nodeId,
  node_type: prompt[nodeId]?.class_type ?? "",
  executed: [...executedNodes],
});

const failureOf = (error: unknown): NodeFailure =>
  error instanceof NodeFailure ? error : new NodeFailure("Exception", error instanceof Error ? error.message : "");

function described({ message, type }: NodeFailure, { inputs }: PromptNode): object {
  // Each in a list, for a node may be given several.
  const literals = Object.entries(inputs)
    .filter(([, value]) => !isLink(value))
    .map(([name, value]) => [name, [literalOf(value)]]);
  return {
    exception_message: `${message}\n`,
    exception_type: type,
    traceback: ['  File "/opt/stand-in/execution.py", line 1, in execute\n'],
    current_inputs: Object.fromEntries(literals),
    current_outputs: [],
  };
}
