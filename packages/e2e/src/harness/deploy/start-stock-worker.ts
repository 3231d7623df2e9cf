import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEngine } from "@pyworker/engine";
import { startProcess, until } from "@pyworker/testing";
import type { App } from "../apps.ts";
import { freePorts } from "../free-ports.ts";
import { loadLinesOf } from "../load-lines.ts";
import { rentedEnvironment } from "../rented-environment.ts";
import type { StockMachine } from "./stock-machine.ts";

interface StockWorkerOptions {
  app: App;
  modelUrl: string;
  /** What the template sets. */
  env: Readonly<Record<string, string>>;
}

/** A worker that the launcher of a machine has started, with an engine of its own. */
export interface StockWorker {
  readonly url: string;
  output(): string;
  /** The launcher's exit status. */
  readonly exited: Promise<number>;
  /** Waits until the worker answers on its internal port. */
  listening(timeoutMs: number): Promise<unknown>;
  /** Says in the log that the model is loaded, and waits until the engine knows of a worker that is ready. */
  becomeReady(): Promise<void>;
  /** Sends a request that the engine has routed and signed. */
  ask(request: App["request"]): Promise<Response>;
  /** Signals the worker itself, as the launcher started it. Resolves to the launcher's exit status. */
  stop(signal: NodeJS.Signals): Promise<number>;
  /** Ends everything. */
  cleanUp(): Promise<void>;
}

export async function startStockWorker(
  { env: machineEnvironment, launch: [command, ...args], workspace }: StockMachine,
  { app, env, modelUrl }: StockWorkerOptions,
): Promise<StockWorker> {
  const folder = await mkdtemp(join(workspace, "start-"));
  const [logFile, processFile] = [join(folder, "model.log"), join(folder, "pid")];
  await writeFile(logFile, "");
  const engine = createEngine();
  const [{ url: engineUrl }, { internalPort, port }] = await Promise.all([engine.start(), freePorts()]);
  const url = `http://127.0.0.1:${port}`;
  const launcher = startProcess({
    command,
    args,
    cwd: workspace,
    env: {
      ...machineEnvironment,
      PID_FILE: processFile,
      ...rentedEnvironment({ port, internalPort, engineUrl }),
      USE_SSL: "false",
      MODEL_SERVER_URL: modelUrl,
      MODEL_LOG: logFile,
      ...app.env,
      ...env,
    },
  });
  let isRunning = true;
  const exited = launcher.exited.finally(() => {
    isRunning = false;
  });
  const what = (state: string) => () => `a worker that ${state}; it said:\n${launcher.output()}`;
  const stop = async (signal: NodeJS.Signals): Promise<number> => {
    const pid = await until(async () => Number(await readFile(processFile, "utf8").catch(() => "")) || undefined);
    if (isRunning) {
      process.kill(pid, signal);
    }
    return exited;
  };
  return {
    url,
    output: launcher.output,
    exited,
    listening: (timeoutMs) =>
      until(
        () =>
          fetch(`http://127.0.0.1:${internalPort}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { timeoutMs, what: what("listens") },
      ),
    becomeReady: async () => {
      await appendFile(
        logFile,
        loadLinesOf(app.name)
          .map((line) => `${line}\n`)
          .join(""),
      );
      const isReady = () => engine.workers().some(({ status }) => status === "ready");
      await until(isReady, { timeoutMs: 50_000, what: what("is ready") });
    },
    ask: ({ payload, route }) => {
      const auth = engine.route({ endpoint: "local", cost: 20 });
      return fetch(`${auth?.url}${route}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ auth_data: auth, session_id: null, payload }),
      });
    },
    stop,
    cleanUp: async () => {
      await stop("SIGKILL");
      await engine.stop();
    },
  };
}
