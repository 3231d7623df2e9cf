import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine, type Engine } from "@pyworker/engine";
import { startProcess, until } from "@pyworker/testing";
import { freePorts } from "../harness/free-ports.ts";
import { rentedEnvironment } from "../harness/rented-environment.ts";

interface BehindEngineOptions {
  /** A folder of `apps`. */
  app: string;
  modelUrl: string;
  env?: Readonly<Record<string, string>>;
}

/** An engine with a worker that reports to it. */
interface BehindEngine {
  readonly engine: Engine;
  readonly engineUrl: string;
  readonly workerUrl: string;
  readonly logFile: string;
  /** Waits until the engine knows of a worker that is ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a worker behind an engine of its own. The log of its model is empty, and its throughput known. */
export async function startBehindEngine({ app, env = {}, modelUrl }: BehindEngineOptions): Promise<BehindEngine> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-client-"));
  const [logFile, benchmarkFile] = [join(folder, "model.log"), join(folder, "benchmark")];
  await Promise.all([writeFile(logFile, ""), writeFile(benchmarkFile, "1000")]);
  const engine = createEngine();
  const [{ url: engineUrl }, { internalPort, port }] = await Promise.all([engine.start(), freePorts()]);
  const worker = startProcess({
    command: process.execPath,
    args: ["worker.ts"],
    cwd: fileURLToPath(new URL(`../../../../apps/${app}/`, import.meta.url)),
    env: {
      PATH: process.env.PATH,
      ...rentedEnvironment({ port, internalPort, engineUrl }),
      MODEL_SERVER_URL: modelUrl,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: benchmarkFile,
      ...env,
    },
  });
  return {
    engine,
    engineUrl,
    workerUrl: `http://127.0.0.1:${port}`,
    logFile,
    ready: async () => {
      await until(() => engine.workers().some(({ status }) => status === "ready"), {
        timeoutMs: 30_000,
        what: () => `a worker that is ready; it said:\n${worker.output()}`,
      });
    },
    stop: async () => {
      await worker.stop("SIGTERM");
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
