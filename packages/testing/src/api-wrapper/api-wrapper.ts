import { setTimeout as sleep } from "node:timers/promises";
import { type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { createComfyuiClient } from "./comfyui-client.ts";
import { createGpuWatch } from "./gpu-watch.ts";
import { createJobBoard } from "./job-board.ts";
import { wrapperLogLines } from "./log-lines.ts";
import { wrapperRoutes } from "./routes.ts";
import type { WrapperJob } from "./wrapper-job.ts";

export interface ApiWrapperOptions
  extends Pick<ModelServerOptions, "faults" | "keepAliveTimeoutMs" | "logFile" | "port" | "pty" | "startDelayMs"> {
  /** Where the ComfyUI is that does the work. */
  comfyuiUrl: string;
  /** How often it looks at what may have changed. A real one looks every 500 ms, which tests have no time for. */
  pollMs?: number;
  /** Jobs in flight beyond which it refuses; 100, as by default. */
  maxQueueSize?: number;
  /** After so long without ComfyUI it says in its log that it gives up; 600 s, as by default. */
  readyTimeoutMs?: number;
  /** An old one: never says that ComfyUI is there, tells all of ComfyUI's answer, measures nothing, and never ends the stream of a cancelled job. */
  old?: boolean;
}

export interface ApiWrapper extends ModelServer {
  /** All jobs that it has taken, in order. */
  readonly jobs: readonly WrapperJob[];
}

/** Starts a server that answers like the API wrapper of ai-dock and runs its jobs on a ComfyUI. */
export async function startApiWrapper(options: ApiWrapperOptions): Promise<ApiWrapper> {
  const { comfyuiUrl, maxQueueSize = 100, old = false, pollMs = 20, readyTimeoutMs = 600_000 } = options;
  const stopping = new AbortController();
  const started = Promise.withResolvers<ModelServer>();
  const log = async (...lines: string[]): Promise<void> => (await started.promise).log(...lines);
  const comfyui = createComfyuiClient(comfyuiUrl);
  const gpu = createGpuWatch(comfyui, log);
  const board = createJobBoard({ comfyui, gpu, pollMs, maxQueueSize, isOld: old, log });
  /** Says in the log once that ComfyUI is there, or that it does not come. */
  const announce = async (): Promise<void> => {
    const deadline = performance.now() + readyTimeoutMs;
    do {
      await sleep(pollMs, undefined, { signal: stopping.signal });
      if (await comfyui.isUp()) {
        await log(wrapperLogLines.ready(1));
        return;
      }
    } while (performance.now() < deadline);
    await log(wrapperLogLines.readyTimeout(readyTimeoutMs / 1000));
  };
  const announcing: Promise<void>[] = [];
  const server = await startModelServer(
    () => ({
      routes: wrapperRoutes({ board, comfyui, gpu, pollMs, isOld: old }),
      errorBody: (_status, message) => ({ detail: message }),
      guards: () => false,
      unauthorized: () => undefined,
      starting: wrapperLogLines.starting,
      loading: wrapperLogLines.workersStarted,
      ready: (port) => {
        if (!old) {
          announcing.push(announce().catch(() => undefined));
        }
        return wrapperLogLines.serving(port);
      },
      access: ({ method, path }, status) => [`INFO:     127.0.0.1:0 - "${method} ${path} HTTP/1.1" ${status}`],
    }),
    options,
  );
  started.resolve(server);
  return {
    ...server,
    jobs: board.jobs,
    stop: async () => {
      stopping.abort();
      await board.stop();
      await Promise.all(announcing);
      await server.stop();
    },
  };
}
