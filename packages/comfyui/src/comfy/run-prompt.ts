import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@pyworker/core";
import { JobError } from "../jobs/job-error.ts";
import type { JobProgress } from "../jobs/progress.ts";
import type { NodeFault } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";
import { type Bell, createBell } from "./bell.ts";
import { cancelPrompt } from "./cancel-prompt.ts";
import type { ComfyHttp } from "./comfy-http.ts";
import { type ComfySocket, openComfySocket } from "./comfy-socket.ts";
import { freeMemory } from "./free-memory.ts";
import { malformedWorkflow } from "./malformed-workflow.ts";
import { pause } from "./pause.ts";
import { cachedNodesOf, faultOf, type HistoryEntry } from "./prompt-history.ts";
import { createPromptProgress, type PromptProgress } from "./prompt-progress.ts";
import { defaultRunLimits, type RunLimits } from "./run-limits.ts";
import type { SocketMessage } from "./socket-message.ts";
import { submitPrompt } from "./submit-prompt.ts";
import { watchPrompt } from "./watch-prompt.ts";

export interface RunOptions {
  comfy: ComfyHttp;
  workflow: Workflow;
  /** Aborted: the job is cancelled in ComfyUI, and no other. */
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  /** Whether pictures of what is being made are welcome. */
  previews?: boolean;
  /** Goes along with the prompt; `api_key_comfy_org`, say. */
  extraData?: Record<string, unknown>;
  limits?: Partial<RunLimits>;
  clock?: Clock;
}

/** A prompt that has run to its end. */
export interface FinishedPrompt {
  promptId: string;
  outputs: Record<string, unknown>;
  /** The whole entry of ComfyUI's history. */
  history: HistoryEntry;
  executedNodes: string[];
  cachedNodes: string[];
  /** What was wrong with the outputs that ComfyUI has left out. */
  droppedOutputs: NodeFault[];
}

/**
 * Runs a workflow in ComfyUI. Resolves when it has succeeded; rejects with a JobError where it came to nothing, or with the
 * signal's reason.
 */
export async function runPrompt(options: RunOptions): Promise<FinishedPrompt> {
  const { comfy, signal } = options;
  signal.throwIfAborted();
  const malformed = malformedWorkflow(options.workflow);
  if (malformed !== undefined) {
    throw malformed;
  }
  const run = createRun(options);
  try {
    const { droppedOutputs, history } = await carryOut(run);
    await throwFault(comfy, history);
    const { outputs } = history;
    const cachedNodes = cachedNodesOf(history);
    // Without a socket, the nodes that have put out something are all that is known.
    const executed = new Set([...run.progress.begun, ...Object.keys(outputs)]);
    const executedNodes = [...executed].filter((nodeId) => !cachedNodes.includes(nodeId));
    return { promptId: run.promptId, outputs, history, executedNodes, cachedNodes, droppedOutputs };
  } finally {
    await run.socket.close();
  }
}

interface Run extends RunOptions {
  promptId: string;
  clientId: string;
  /** Once, before all other progress: events may come before the answer that ComfyUI has taken the prompt. */
  tellStart(): void;
  socket: ComfySocket;
  progress: PromptProgress;
  bell: Bell;
  limits: RunLimits;
  clock: Clock;
}

function createRun(options: RunOptions): Run {
  const { clock = systemClock, comfy, previews = false } = options;
  const limits = { ...defaultRunLimits, ...options.limits };
  const clientId = randomUUID();
  const progress = createPromptProgress({ ...options, clock });
  const bell = createBell(clock);
  let isStarted = false;
  const tellStart = () => {
    if (!isStarted) {
      isStarted = true;
      options.onProgress({ kind: "started", promptId: run.promptId });
    }
  };
  const run = { ...options, clock, limits, clientId, progress, bell, tellStart, promptId: String(randomUUID()) };
  const onMessage = (message: SocketMessage) => {
    if (options.signal.aborted || !isAbout(message, run.promptId)) {
      return;
    }
    tellStart();
    // Comes last in every case, after the history is written. The events before it that tell of success or an error are
    // hints: one may be of a branch that was blocked, while the prompt goes on.
    if (message.type === "executing" && message.nodeId === null) {
      bell.ring();
    } else {
      progress.take(message);
    }
  };
  const socket = openComfySocket({ url: comfy.url, clientId, previews, limits, clock, onMessage, onDrop: bell.ring });
  return Object.assign(run, { socket });
}

async function carryOut(run: Run): Promise<{ history: HistoryEntry; droppedOutputs: NodeFault[] }> {
  const { comfy, extraData, previews, signal } = run;
  try {
    // Events go to the socket that is there when they happen. Where it doesn't open in time, the job does without.
    await Promise.race([run.socket.greeted, pause(run.clock, run.limits.greeting, signal)]);
    const { droppedOutputs, promptId } = await submitPrompt({
      ...run,
      extraData: { ...extraData, ...(previews ? { preview_method: "auto" } : {}) },
    });
    run.promptId = promptId;
    signal.throwIfAborted();
    run.tellStart();
    return { droppedOutputs, history: await watchPrompt(run) };
  } catch (error) {
    if (!isRefusal(error)) {
      await cancelPrompt(comfy, run.promptId, { limit: run.limits.cancel, clock: run.clock }).catch(() => {
        // ComfyUI can't be reached; the job fails for the reason that it has.
      });
    }
    throw signal.aborted ? signal.reason : error;
  }
}

async function throwFault(comfy: ComfyHttp, history: HistoryEntry): Promise<void> {
  const fault = faultOf(history);
  if (fault?.type === "out_of_memory") {
    await freeMemory(comfy, { unloadModels: true }).catch(() => {
      // It would have helped the next job; this one has failed either way.
    });
  }
  if (fault !== undefined) {
    throw new JobError(fault);
  }
}

/** A preview without metadata doesn't say what it is of; nobody else's come over this socket. */
const isAbout = (message: SocketMessage, promptId: string): boolean =>
  message.type !== "status" && (message.promptId ?? promptId) === promptId;

/** ComfyUI has not taken it, so there is nothing to cancel. */
const isRefusal = (error: unknown): boolean => error instanceof JobError && error.fault.type === "invalid_workflow";
