import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type FakeEngine,
  type ModelServer,
  startFakeEngine,
  startTgiServer,
  startVllmServer,
  type TgiServerOptions,
  type VllmServer,
  type VllmServerOptions,
} from "@pyworker/testing";
import { createCleanUps } from "./clean-up.ts";
import { type Model, startModel } from "./start-model.ts";
import { startWorker, type WorkerSettings, type WorkerUnderTest } from "./start-worker.ts";

/** Starts what a test file needs; all of it is stopped when the file is done. */
export interface Starters {
  startWorker(settings?: WorkerSettings): Promise<WorkerUnderTest>;
  startModel(answer: Parameters<typeof startModel>[0]): Promise<Model>;
  startVllmServer(options?: VllmServerOptions): Promise<VllmServer>;
  startTgiServer(options?: TgiServerOptions): Promise<ModelServer>;
  /** Any stand-in for a model server, by the function that starts it. */
  startModelServer(
    start: (options: VllmServerOptions) => Promise<ModelServer>,
    options?: VllmServerOptions,
  ): Promise<ModelServer>;
  startEngine(): Promise<FakeEngine>;
  makeFolder(): Promise<string>;
}

export function createStarters(): Starters {
  const cleanUp = createCleanUps();
  const started = async (starting: Promise<ModelServer>): Promise<ModelServer> => {
    const server = await starting;
    cleanUp(() => server.stop());
    return server;
  };
  return {
    startWorker: async (settings) => {
      const worker = await startWorker(settings);
      cleanUp(() => worker.stop());
      return worker;
    },
    startModel: async (answer) => {
      const model = await startModel(answer);
      cleanUp(() => model.stop());
      return model;
    },
    startVllmServer: (options) => started(startVllmServer(options)),
    startTgiServer: (options) => started(startTgiServer(options)),
    startModelServer: (start, options = {}) => started(start(options)),
    startEngine: async () => {
      const engine = await startFakeEngine();
      cleanUp(() => engine.close());
      return engine;
    },
    makeFolder: async () => {
      const folder = await mkdtemp(join(tmpdir(), "pyworker-e2e-"));
      cleanUp(() => rm(folder, { recursive: true, force: true }));
      return folder;
    },
  };
}
