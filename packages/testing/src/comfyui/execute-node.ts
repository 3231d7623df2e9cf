import { setTimeout as sleep } from "node:timers/promises";
import { jpegSample } from "../media/samples.ts";
import type { Fields } from "../server/read-body.ts";
import type { FileStore } from "./file-store.ts";
import type { NodeCache, NodeResult } from "./node-cache.ts";
import { type Media, type NodeClass, NodeFailure } from "./nodes/node-class.ts";
import type { Preview } from "./preview.ts";
import { isLink, literalOf, type PromptNode, type QueuedPrompt } from "./prompt.ts";

/** What a run tells while it goes, and what it is told. */
export interface Run {
  queued: QueuedPrompt;
  files: FileStore;
  cache: NodeCache;
  msPerStep: number;
  hasPreviews: boolean;
  /** Sends an event to the client that listens. */
  send(type: string, data: object): void;
  /** The same, and keeps it for the history. */
  report(type: string, data: object): void;
  preview(preview: Preview, when: "before" | "after"): void;
  /** The node it is at. */
  enter(nodeId: string): void;
  isInterrupted(): boolean;
  /** Whether the process that runs it is dead. */
  isOver(): boolean;
}

/** One node of a run. */
export interface Step {
  nodeId: string;
  node: PromptNode;
  nodeClass: NodeClass;
  signature: string;
  results: Map<string, NodeResult>;
  progress: Progress;
}

type Progress = Record<string, { value: number; max: number; state: "running" | "finished" | "error" }>;

/** A run is told to end. */
export class Interrupted extends Error {}

/** Runs one node, whose sources have run. */
export async function executeNode(run: Run, step: Step): Promise<NodeResult> {
  const { files, queued } = run;
  const { node, nodeClass, nodeId, results, signature } = step;
  const { promptId } = queued.job;
  throwIfInterrupted(run);
  run.enter(nodeId);
  tellProgress(run, step, { value: 0, max: 1, state: "running" });
  run.send("executing", { node: nodeId, display_node: nodeId, prompt_id: promptId });
  // Lets what was sent leave, and requests come in.
  await new Promise(setImmediate);
  const sources = Object.values(node.inputs)
    .filter(isLink)
    .map(([source]) => results.get(source));
  const block = sources.find((source) => source?.block !== undefined)?.block;
  if (block !== undefined) {
    tellBlock(block, run, step);
    // What stands behind this one is blocked without a word.
    return { media: {}, block: "" };
  }
  const inputs = readInputs(step);
  const media: Media = Object.assign({}, ...sources.map((source) => source?.media), mediaOf(inputs));
  if (nodeClass.steps !== undefined) {
    media.color = Number.parseInt(signature.slice(0, 6), 16);
    await goThrough(nodeClass.steps(inputs), run, step);
  }
  throwIfInterrupted(run);
  return { media, ...(await nodeClass.run?.({ inputs, media, signature, files })) };
}

/** ComfyUI calls it an error, though the prompt goes on, and blames the node that may not run. */
function tellBlock(message: string, { queued, send }: Run, { node, nodeId }: Step): void {
  if (message === "") {
    return;
  }
  send("execution_error", {
    prompt_id: queued.job.promptId,
    node_id: nodeId,
    node_type: node.class_type,
    executed: queued.job.executedNodes,
    exception_message: `Execution Blocked: ${message}`,
    exception_type: "ExecutionBlocked",
    traceback: [],
    current_inputs: [],
    current_outputs: [],
  });
}

const literalTypes = new Set(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"]);

/** A node's literals; numbers may have come as texts. Validation lets a literal pass where a link belongs: the node fails of it. */
function readInputs({ node, nodeClass }: Step): Fields {
  const specs = { ...nodeClass.required, ...nodeClass.optional };
  return Object.fromEntries(
    Object.entries(node.inputs)
      .filter(([, value]) => !isLink(value))
      .map(([name, value]) => {
        const literal = literalOf(value);
        const [type = ""] = specs[name] ?? [];
        if (typeof type === "string" && type !== "" && !literalTypes.has(type)) {
          const name = typeof literal === "string" ? "str" : "int";
          throw new NodeFailure("AttributeError", `'${name}' object has no attribute 'shape'`);
        }
        const isNumber = type === "INT" || type === "FLOAT";
        return [name, isNumber && typeof literal === "string" ? Number(literal) : literal];
      }),
  );
}

/** What a node's own inputs say of what it makes. */
function mediaOf(inputs: Fields): Media {
  const { batch_size, color, duration, fps, height, length, seconds, width } = inputs;
  const said = { width, height, frames: length ?? batch_size, color, fps, seconds: seconds ?? duration };
  // A side of 0 is left to the other one.
  return Object.fromEntries(
    Object.entries(said).filter(([name, value]) => typeof value === "number" && (value > 0 || name === "color")),
  );
}

async function goThrough(steps: number, run: Run, step: Step): Promise<void> {
  const { queued } = run;
  const { nodeId } = step;
  const { promptId } = queued.job;
  for (let value = 1; value <= steps; value += 1) {
    await sleep(run.msPerStep);
    throwIfInterrupted(run);
    const preview: Preview = { image: jpegSample, nodeId, promptId };
    tellProgress(run, step, { value, max: steps, state: "running" });
    if (run.hasPreviews) {
      run.preview(preview, "before");
    }
    run.send("progress", { value, max: steps, prompt_id: promptId, node: nodeId });
    if (run.hasPreviews) {
      run.preview(preview, "after");
    }
  }
}

function throwIfInterrupted(run: Run): void {
  if (run.isOver() || run.isInterrupted()) {
    throw new Interrupted();
  }
}

/** Tells that a node is done. */
export function finishNode(run: Run, step: Step): void {
  const { max = 1 } = step.progress[step.nodeId] ?? {};
  tellProgress(run, step, { value: max, max, state: "finished" });
}

function tellProgress(run: Run, { nodeId, progress }: Step, now: Progress[string]): void {
  progress[nodeId] = now;
  const { promptId } = run.queued.job;
  const nodes = Object.entries(progress).map(([id, state]) => [
    id,
    {
      ...state,
      node_id: id,
      prompt_id: promptId,
      display_node_id: id,
      parent_node_id: null,
      real_node_id: id,
    },
  ]);
  run.send("progress_state", { prompt_id: promptId, nodes: Object.fromEntries(nodes) });
}
