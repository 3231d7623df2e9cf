import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "../server/faults.ts";
import type { Run } from "./execute-node.ts";
import { executePrompt, WorkerDeath } from "./execute-prompt.ts";
import type { FileStore } from "./file-store.ts";
import { type History, historyItem } from "./history.ts";
import { comfyuiLogLines } from "./log-lines.ts";
import { createNodeCache } from "./node-cache.ts";
import type { QueuedPrompt } from "./prompt.ts";
import type { SocketHub } from "./socket-hub.ts";

interface WorkerOptions {
  files: FileStore;
  faults: Faults;
  hub: Pick<SocketHub, "send" | "sendPreview" | "sendStatus" | "drop">;
  msPerStep: number;
  previews: boolean;
  log(...lines: string[]): void;
}

/** What everybody hears of a prompt that names no client. */
const broadcastTypes = new Set(["progress", "progress_state", "execution_interrupted"]);

interface FreeFlags {
  free_memory?: unknown;
  unload_models?: unknown;
}

/** ComfyUI's queue and the thread that runs what is in it, one prompt at a time; all of it is lost with its process. */
export interface PromptWorker {
  readonly history: History;
  readonly running: QueuedPrompt | undefined;
  /** In the order in which they will run. */
  readonly pending: readonly QueuedPrompt[];
  /** The node that is running for this client. */
  nodeOf(clientId: string): string | undefined;
  put(queued: QueuedPrompt): void;
  delete(promptIds: readonly unknown[]): void;
  clear(): void;
  /** Stops what runs at its next step. */
  interrupt(): void;
  /** After the prompt that runs. */
  free(flags: FreeFlags): void;
  /** Ends with the process. */
  abandon(): void;
}

export function createPromptWorker(options: WorkerOptions): PromptWorker {
  const { faults, files, hub, log, msPerStep, previews } = options;
  const history: History = new Map();
  const cache = createNodeCache();
  let pending: QueuedPrompt[] = [];
  let running: QueuedPrompt | undefined;
  let node: string | undefined;
  let isInterrupted = false;
  let isOver = false;
  let isDead = false;
  let mustClear = false;

  const runAll = async (): Promise<void> => {
    while (!isOver && !isDead && running === undefined && pending[0] !== undefined) {
      if (faults.current.deadWorker) {
        die();
        return;
      }
      running = pending.shift();
      hub.sendStatus();
      if (running !== undefined) {
        await runOne(running);
      }
      freeWhatIsAsked();
    }
  };

  const die = () => {
    isDead = true;
    log(...comfyuiLogLines.deadWorker());
  };

  const runOne = async (queued: QueuedPrompt): Promise<void> => {
    const { job } = queued;
    const { clientId, promptId } = job;
    const messages: [string, object][] = [];
    let events = 0;
    isInterrupted = false;
    job.state = "running";
    job.startedAt = performance.now();
    const send = (type: string, data: object) => {
      if (isOver) {
        return;
      }
      if (clientId === undefined && !broadcastTypes.has(type)) {
        return;
      }
      hub.send(clientId, type, data);
      events += 1;
      if (events === faults.current.dropSocketAfterEvents) {
        hub.drop(clientId);
      }
    };
    const run: Run = {
      queued,
      files,
      cache,
      msPerStep,
      hasPreviews: previewsFor(queued, previews),
      send,
      report: (type, data) => {
        const dated = { prompt_id: promptId, ...data, timestamp: Date.now() };
        messages.push([type, dated]);
        send(type, dated);
      },
      preview: (preview, when) => hub.sendPreview(clientId, preview, when),
      enter: (nodeId) => {
        node = nodeId;
      },
      isInterrupted: () => isInterrupted && !faults.current.deafToInterrupt,
      isOver: () => isOver,
    };
    const result = await executePrompt(run).catch(lastBreath);
    if (result === undefined) {
      // It stays in the queue as what runs.
      die();
      return;
    }
    if (!isOver) {
      logEnd(result.failure, result.state);
      await sleep(faults.current.historyDelayMs ?? 0);
    }
    // It may also have ended meanwhile.
    if (isOver) {
      return;
    }
    history.set(promptId, historyItem({ queued, result, messages }));
    job.state = result.state;
    job.endedAt = performance.now();
    running = undefined;
    node = undefined;
    hub.sendStatus();
    send("executing", { node: null, prompt_id: promptId });
    log(...comfyuiLogLines.executed((job.endedAt - job.startedAt) / 1000));
  };

  const logEnd = (failure: { message: string; type: string } | undefined, state: string) => {
    if (state === "interrupted") {
      log(...comfyuiLogLines.interrupted());
    }
    if (failure !== undefined) {
      log(...comfyuiLogLines.exception(failure.type, failure.message));
    }
    if (failure?.type === "torch.OutOfMemoryError") {
      log(...comfyuiLogLines.outOfMemory());
    }
  };

  const freeWhatIsAsked = () => {
    if (mustClear && running === undefined) {
      cache.clear();
      mustClear = false;
    }
  };

  const drop = (isDropped: (queued: QueuedPrompt) => boolean) => {
    for (const { job } of pending.filter(isDropped)) {
      job.state = "deleted";
    }
    pending = pending.filter((queued) => !isDropped(queued));
    hub.sendStatus();
  };

  return {
    history,
    get running() {
      return running;
    },
    get pending() {
      return pending;
    },
    nodeOf: (clientId) => (running?.job.clientId === clientId ? node : undefined),
    put: (queued) => {
      pending = [...pending, queued].sort((one, other) => one.job.number - other.job.number);
      hub.sendStatus();
      // Not at once, for the answer to the POST comes first.
      setImmediate(() => runAll().catch((error: Error) => log(String(error.stack))));
    },
    delete: (promptIds) => drop(({ job }) => promptIds.includes(job.promptId)),
    clear: () => drop(() => true),
    interrupt: () => {
      isInterrupted = true;
    },
    free: ({ free_memory }) => {
      mustClear ||= free_memory === true;
      freeWhatIsAsked();
    },
    abandon: () => {
      isOver = true;
      for (const { job } of running === undefined ? pending : [running, ...pending]) {
        job.state = "lost";
      }
    },
  };
}

function lastBreath(error: unknown): undefined {
  if (!(error instanceof WorkerDeath)) {
    throw error;
  }
}

function previewsFor({ extraData }: QueuedPrompt, otherwise: boolean): boolean {
  const { preview_method: method } = extraData;
  return typeof method === "string" && method !== "default" ? method !== "none" : otherwise;
}
