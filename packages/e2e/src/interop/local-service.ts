import { appendFile } from "node:fs/promises";
import type { Engine } from "@pyworker/engine";
import { type SeenRequest, startVllmServer, type VllmServer } from "@pyworker/testing";
import { loadLine } from "./side.ts";
import { startBehindEngine } from "./start-behind-engine.ts";

/** What a client finds: an engine, and behind it the worker for vLLM with a model server of its own. */
export interface LocalService {
  readonly engine: Engine;
  readonly engineUrl: string;
  readonly workerUrl: string;
  readonly model: VllmServer;
  /** What the model server was asked to do. */
  posts(): readonly SeenRequest[];
  /** Says in the model's log that it has loaded, and waits until the engine knows of a worker that is ready. */
  load(): Promise<void>;
  stop(): Promise<void>;
}

interface ServiceOptions {
  env?: Readonly<Record<string, string>>;
}

export async function startService({ env = {} }: ServiceOptions = {}): Promise<LocalService> {
  const model = await startVllmServer();
  const { engine, engineUrl, logFile, ready, stop, workerUrl } = await startBehindEngine({
    app: "vllm",
    modelUrl: model.url,
    env,
  });
  return {
    engine,
    engineUrl,
    workerUrl,
    model,
    // The worker itself asks the model to count, once it is loaded.
    posts: () => model.requests.filter(({ method, path }) => method === "POST" && path !== "/tokenize"),
    load: async () => {
      await appendFile(logFile, `${loadLine}\n`);
      await ready();
    },
    stop: async () => {
      await stop();
      await model.stop();
    },
  };
}
