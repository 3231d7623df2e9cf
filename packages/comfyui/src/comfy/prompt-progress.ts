import type { Clock } from "@pyworker/core";
import type { JobProgress } from "../jobs/progress.ts";
import type { Workflow } from "../workflow.ts";
import { createProgressEstimate, type Step } from "./progress-estimate.ts";
import type { NodeProgress, SocketMessage } from "./socket-message.ts";

export interface PromptProgress {
  /** Takes a message that is about this prompt. */
  take(message: SocketMessage): void;
  /** The nodes that have begun, of those in the workflow. */
  readonly begun: readonly string[];
}

interface PromptProgressOptions {
  workflow: Workflow;
  clock: Clock;
  onProgress(progress: JobProgress): void;
}

/** Makes progress out of ComfyUI's messages. Old ComfyUIs tell it once, newer ones twice (`progress_state` as well); it is reported once. */
export function createPromptProgress({ clock, onProgress, workflow }: PromptProgressOptions): PromptProgress {
  const estimate = createProgressEstimate(workflow, clock);
  const total = Object.keys(workflow).length;
  const begun = new Set<string>();
  const done = new Set<string>();
  const steps = new Map<string, string>();
  /** The workflow's node behind a node that an expansion has made. */
  const shownAs = new Map<string, string>();
  let current: string | undefined;

  const finish = (nodeIds: readonly string[]) => {
    const inWorkflow = nodeIds.filter((nodeId) => nodeId in workflow);
    for (const nodeId of inWorkflow) {
      done.add(nodeId);
    }
    estimate.finish(inWorkflow);
  };

  const begin = (nodeId: string) => {
    current = nodeId;
    const node = workflow[nodeId];
    if (node === undefined || begun.has(nodeId)) {
      return;
    }
    begun.add(nodeId);
    const title = node._meta?.title;
    const progress = { kind: "node" as const, nodeId, classType: node.class_type, done: done.size, total };
    onProgress(title === undefined ? progress : { ...progress, title });
  };

  const step = (realId: string, { max, nodeId, value }: Step) => {
    const mark = `${value}/${max}`;
    if (max <= 0 || steps.get(realId) === mark) {
      return;
    }
    steps.set(realId, mark);
    onProgress({ kind: "step", nodeId, value, max, ...estimate.step({ nodeId, value, max }) });
  };

  const takeStates = (nodes: readonly NodeProgress[]) => {
    for (const { displayId, nodeId } of nodes) {
      shownAs.set(nodeId, displayId);
    }
    // A node that has expanded into others is finished when it says so itself.
    finish(nodes.filter((node) => node.state === "finished").map(({ nodeId }) => nodeId));
    for (const { displayId, max, nodeId, state, value } of nodes) {
      if (state !== "running") {
        continue;
      }
      begin(displayId);
      // A node that counts nothing begins at 0 of 1.
      if (value > 0) {
        step(nodeId, { nodeId: displayId, value, max });
      }
    }
  };

  return {
    get begun() {
      return [...begun];
    },
    take: (message) => {
      switch (message.type) {
        case "cached":
          finish(message.nodes);
          break;
        case "executing":
          if (message.displayId !== null) {
            // Nodes run one after another: the next begins when the one before is finished.
            finish(current === undefined || current === message.displayId ? [] : [current]);
            begin(message.displayId);
          }
          break;
        case "progress":
          step(message.nodeId, { ...message, nodeId: shownAs.get(message.nodeId) ?? message.nodeId });
          break;
        case "progress_state":
          takeStates(message.nodes);
          break;
        case "preview":
          onProgress(previewOf(message, current));
          break;
      }
    },
  };
}

function previewOf(
  { data, mimetype, nodeId }: SocketMessage & { type: "preview" },
  current: string | undefined,
): JobProgress {
  const at = nodeId ?? current;
  return { kind: "preview", mimetype, data, ...(at === undefined ? {} : { nodeId: at }) };
}
