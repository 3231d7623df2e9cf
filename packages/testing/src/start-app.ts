import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { freePorts } from "./server/free-ports.ts";
import { startProcess } from "./start-process.ts";
import { until } from "./until.ts";

interface Model {
  readonly url: string;
  stop(): Promise<unknown>;
}

interface AppOptions<Started extends Model> {
  /** The folder of `worker.ts`. */
  folder: string;
  /** Starts the model server, which is to write its log into this file. */
  startModel(options: { logFile: string }): Promise<Started>;
  env?: Readonly<Record<string, string>>;
}

/** An app's worker as a process that serves without signatures, with a model server behind it. */
export interface StartedApp<Started extends Model> {
  readonly url: string;
  readonly model: Started;
  /** What it reports to. */
  readonly engine: FakeEngine;
  post(route: string, payload: object): Promise<Response>;
  /** What the worker has printed. */
  output(): string;
  /** Ends the worker and the model server. Resolves to the worker's exit status. */
  stop(): Promise<number>;
}

const readyWithinMs = 30_000;

/** Starts the worker of an app's folder, and waits until it is ready. Throws what it printed where it never is. */
export async function startApp<Started extends Model>(options: AppOptions<Started>): Promise<StartedApp<Started>> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-app-"));
  const logFile = join(folder, "model.log");
  const engine = await startFakeEngine();
  const model = await options.startModel({ logFile });
  const { internalPort, port } = await freePorts();
  const worker = startProcess({
    command: process.execPath,
    args: ["worker.ts"],
    cwd: options.folder,
    env: {
      PATH: process.env.PATH,
      UNSECURED: "true",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      REPORT_ADDR: engine.url,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: join(folder, "benchmark"),
      ...options.env,
    },
  });
  const stop = async (): Promise<number> => {
    const status = await worker.stop();
    await model.stop();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
    return status;
  };
  let ended: number | undefined;
  void worker.exited.then((status) => {
    ended = status;
  });
  const isReady = (): Promise<boolean> => {
    if (ended !== undefined) {
      throw new Error(`the worker ended with status ${ended}; it printed\n${worker.output()}`);
    }
    return fetch(`http://127.0.0.1:${internalPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  try {
    await until(isReady, { timeoutMs: readyWithinMs, what: () => `a ready worker; it printed\n${worker.output()}` });
  } catch (error) {
    await stop();
    throw error;
  }
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    model,
    engine,
    post: (route, payload) => fetch(url + route, { method: "POST", body: JSON.stringify(payload) }),
    output: worker.output,
    stop,
  };
}
