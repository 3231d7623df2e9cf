import type { Faults } from "../server/faults.ts";
import { type Dialect, type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { type ComfyuiState, comfyuiRoutes } from "./comfyui-exchange.ts";
import { fileRoutes } from "./file-routes.ts";
import { createFileStore, type FileStore } from "./file-store.ts";
import { historyRoutes } from "./history-routes.ts";
import { infoRoutes } from "./info-routes.ts";
import { comfyuiLogLines } from "./log-lines.ts";
import type { ComfyuiJob } from "./prompt.ts";
import { promptRoutes } from "./prompt-routes.ts";
import { createPromptWorker } from "./prompt-worker.ts";
import { createSocketHub, type SocketHub } from "./socket-hub.ts";

type SharedOptions = "port" | "logFile" | "pty" | "startDelayMs" | "keepAliveTimeoutMs" | "faults";

export interface ComfyuiServerOptions extends Pick<ModelServerOptions, SharedOptions> {
  /** How long a step of a node takes that counts them. */
  msPerStep?: number;
  /** Whether steps come with a picture where the prompt says nothing of it. */
  previews?: boolean;
  /** Where it writes its output files; left out: in a folder of its own that goes with it. */
  outputFolder?: string;
  /** Whether it answers as ComfyUI does since 2026, rather than as 0.3.64. */
  newest?: boolean;
  maxUploadBytes?: number;
}

/** A stand-in for ComfyUI that tells what it was asked to do. */
export interface ComfyuiServer extends ModelServer {
  /** Every prompt that it ever took, in order. */
  readonly jobs: readonly ComfyuiJob[];
  /** How many sockets are open. */
  readonly sockets: number;
  /** The files in its input folder. */
  readonly uploads: readonly string[];
  readonly outputFolder: string;
  /** Deletes what it has written, as one who tidies up; the history goes on listing it. */
  deleteOutputs(): Promise<void>;
}

const defaultUploadBytes = 100 * 1024 * 1024;

/** Starts a server that answers like ComfyUI, on HTTP and by its socket, and makes real if small files. */
export async function startComfyuiServer(options: ComfyuiServerOptions = {}): Promise<ComfyuiServer> {
  const files = await createFileStore(options.outputFolder);
  const log = createLog();
  const jobs: ComfyuiJob[] = [];
  let insides: Insides | undefined;
  const server = await startModelServer(({ faults }) => {
    insides = createInsides({ options, faults, files, jobs, log: log.append });
    return insides.dialect;
  }, options);
  log.writeTo(server);
  const end = async (finish: () => Promise<void>): Promise<void> => {
    insides?.abandon();
    const finished = finish();
    // An upgraded connection keeps its server from closing.
    insides?.hub.terminate();
    await finished;
    await log.written();
  };
  return {
    ...server,
    jobs,
    get sockets() {
      return insides?.hub.open ?? 0;
    },
    get uploads() {
      return files.inputs();
    },
    outputFolder: files.outputFolder,
    deleteOutputs: files.deleteOutputs,
    kill: () => end(server.kill),
    stop: async () => {
      await end(server.stop);
      await files.remove();
    },
  };
}

interface Ingredients {
  options: ComfyuiServerOptions;
  faults: Faults;
  files: FileStore;
  jobs: ComfyuiJob[];
  log(...lines: string[]): void;
}

interface Insides {
  dialect: Dialect;
  hub: SocketHub;
  abandon(): void;
}

function createInsides({ faults, files, jobs, log, options }: Ingredients): Insides {
  const { maxUploadBytes = defaultUploadBytes, msPerStep = 1, newest: isNewest = false, previews = false } = options;
  const hub = createSocketHub({
    faults,
    maxUploadBytes,
    queueRemaining: () => worker.pending.length + (worker.running === undefined ? 0 : 1),
    nodeOf: (clientId) => worker.nodeOf(clientId),
  });
  const start = () => createPromptWorker({ files, faults, hub, log, msPerStep, previews });
  let worker = start();
  const state: ComfyuiState = { files, hub, worker: () => worker, jobs, isNewest, maxUploadBytes, log };
  const routes = { ...promptRoutes(state), ...historyRoutes(state), ...fileRoutes(state), ...infoRoutes(state) };
  return {
    hub,
    abandon: () => worker.abandon(),
    dialect: {
      routes: comfyuiRoutes(routes, state),
      errorBody: (status, message) => ({ error: `${status}: ${message}` }),
      guards: () => false,
      unauthorized: (response) => response.writeHead(401).end(),
      starting: () => {
        worker.abandon();
        worker = start();
        return comfyuiLogLines.starting();
      },
      loading: comfyuiLogLines.loading,
      ready: comfyuiLogLines.ready,
      upgrade: hub.upgrade,
    },
  };
}

interface OrderedLog {
  append(...lines: string[]): void;
  /** Writes what has come so far, and whatever comes. */
  writeTo(server: ModelServer): void;
  written(): Promise<void>;
}

/** Lines keep their order, though nobody waits until they are written. */
function createLog(): OrderedLog {
  const { promise: opened, resolve: writeTo } = Promise.withResolvers<ModelServer>();
  let writing: Promise<unknown> = opened;
  return {
    append: (...lines) => {
      // Where the log's folder is gone, nobody reads it any more.
      writing = writing.then(async () => (await opened).log(...lines)).catch(() => undefined);
    },
    writeTo,
    written: async () => {
      await writing;
    },
  };
}
