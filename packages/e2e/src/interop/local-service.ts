import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine, type Engine } from "@pyworker/engine";
import { type SeenRequest, startProcess, startVllmServer, until, type VllmServer } from "@pyworker/testing";
import { freePorts } from "../harness/free-ports.ts";
import { loadLine } from "./side.ts";

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

const app = fileURLToPath(new URL("../../../../apps/vllm/", import.meta.url));

export async function startService({ env = {} }: ServiceOptions = {}): Promise<LocalService> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-client-"));
  const [logFile, benchmarkFile] = [join(folder, "model.log"), join(folder, "benchmark")];
  await Promise.all([writeFile(logFile, ""), writeFile(benchmarkFile, "1000")]);
  const engine = createEngine();
  const [{ url: engineUrl }, model, ports] = await Promise.all([engine.start(), startVllmServer(), freePorts()]);
  const { internalPort, port } = ports;
  const worker = startProcess({
    command: process.execPath,
    args: ["worker.ts"],
    cwd: app,
    env: {
      PATH: process.env.PATH,
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      WORKER_HTTP_PORT: String(internalPort),
      [`VAST_TCP_PORT_${port}`]: String(port),
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: "1",
      REPORT_ADDR: engineUrl,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: benchmarkFile,
      ...env,
    },
  });
  return {
    engine,
    engineUrl,
    workerUrl: `http://127.0.0.1:${port}`,
    model,
    // The worker itself asks the model to count, once it is loaded.
    posts: () => model.requests.filter(({ method, path }) => method === "POST" && path !== "/tokenize"),
    load: async () => {
      await appendFile(logFile, `${loadLine}\n`);
      await until(() => engine.workers().some(({ status }) => status === "ready"), {
        timeoutMs: 30_000,
        what: () => `a worker that is ready; it said:\n${worker.output()}`,
      });
    },
    stop: async () => {
      await worker.stop("SIGTERM");
      await Promise.all([model.stop(), engine.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
