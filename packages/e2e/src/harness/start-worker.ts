import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ChildProcess,
  type FakeEngine,
  type ReportBody,
  type SignedAuthData,
  startFakeEngine,
  startProcess,
  until,
} from "@pyworker/testing";
import { freePorts } from "./free-ports.ts";
import { loadLinesOf } from "./load-lines.ts";

export interface WorkerSettings {
  /** A folder of `apps`, or a file beside this folder in `workers`, without its ending. Default "vllm". */
  program?: string;
  /** What starts it: node itself, or `npm start` in the app's folder. Default "node". */
  launcher?: "node" | "npm";
  /** The model server's URL. Default: nothing listens there. */
  modelUrl?: string;
  /** Replaces the engine that is made for this worker. */
  engine?: FakeEngine;
  /** More environment, over what a rented machine sets. An undefined value unsets. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What an earlier benchmark has left behind; null: nothing. Default "1000". */
  savedPerf?: string | null;
  /** Shell commands that run before it, in its process: `ulimit -f 0` leaves it no room on any disk. */
  before?: string;
}

/** A real worker process, with an engine that it reports to and a log that it reads. */
export interface WorkerUnderTest {
  readonly url: string;
  readonly internalUrl: string;
  readonly port: number;
  readonly engine: FakeEngine;
  readonly process: ChildProcess;
  /** Its working files, removed at the end. */
  readonly folder: string;
  readonly logFile: string;
  /** Appends lines to the model's log. */
  log(...lines: string[]): Promise<void>;
  /** Says in the log that the model is loaded, and waits for the report that says the worker is ready. */
  becomeReady(): Promise<ReportBody>;
  /** Signed for this worker. */
  authData(fields?: Partial<SignedAuthData>): SignedAuthData;
  /** Posts any body. */
  post(route: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** Posts a payload in a signed envelope. */
  send(route: string, payload: unknown, more?: SendOptions): Promise<Response>;
  /** Its metrics, as Prometheus reads them. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  stop(signal?: NodeJS.Signals): Promise<number>;
}

export interface SendOptions {
  auth?: SignedAuthData;
  sessionId?: string;
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
}

const nobodysUrl = "http://127.0.0.1:9";

/** Starts a worker by its environment alone, the way a rented machine does. */
export async function startWorker({
  program = "vllm",
  launcher = "node",
  modelUrl = nobodysUrl,
  engine: givenEngine,
  env = {},
  savedPerf = "1000",
  before,
}: WorkerSettings = {}): Promise<WorkerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-e2e-"));
  const free = await freePorts();
  const port = Number(env.WORKER_PORT ?? free.port);
  const internalPort = Number(env.WORKER_HTTP_PORT ?? port + 1);
  const engine = givenEngine ?? (await startFakeEngine());
  const logFile = join(folder, "model.log");
  const benchmarkFile = join(folder, "has_benchmark");
  if (savedPerf !== null) {
    await writeFile(benchmarkFile, savedPerf);
  }
  const useSsl = env.USE_SSL === "true";
  const url = `http${useSsl ? "s" : ""}://127.0.0.1:${port}`;
  const child = startProcess({
    ...commandBehind(before, commandOf(program, launcher)),
    env: {
      PATH: process.env.PATH,
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: String(port),
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: "42",
      MASTER_TOKEN: "master-token",
      REPORT_ADDR: engine.url,
      WORKER_HOST: "127.0.0.1",
      MODEL_SERVER_URL: modelUrl,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: benchmarkFile,
      ...env,
    },
  });
  const log = (...lines: string[]) => appendFile(logFile, lines.map((line) => `${line}\n`).join(""));
  const post: WorkerUnderTest["post"] = (route, body, init = {}) =>
    fetch(url + route, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...init,
    });
  const authData: WorkerUnderTest["authData"] = (fields) => engine.signer.authData(url, fields);
  return {
    url,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    port,
    engine,
    process: child,
    folder,
    logFile,
    log,
    becomeReady: async () => {
      await log(...loadLinesOf(program));
      return engine.status((status) => Number(status.max_perf) > 0);
    },
    authData,
    post,
    send: (route, payload, { auth = authData(), headers, sessionId, signal } = {}) =>
      post(
        route,
        { auth_data: auth, session_id: sessionId ?? null, payload },
        { headers: { "content-type": "application/json", ...headers }, ...(signal && { signal }) },
      ),
    metric: async (name, labels = {}) => {
      const text = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
      return readMetric(text, name, labels);
    },
    stop: async (signal) => {
      const code = await child.stop(signal);
      if (givenEngine === undefined) {
        await engine.close();
      }
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

interface Command {
  command: string;
  args: string[];
  cwd: string;
}

const commandBehind = (before: string | undefined, { args, command, cwd }: Command): Command =>
  before === undefined
    ? { command, args, cwd }
    : { command: "/bin/sh", args: ["-c", `${before}; exec "$0" "$@"`, command, ...args], cwd };

function commandOf(program: string, launcher: "node" | "npm"): Command {
  const apps = ["vllm", "sglang", "llama", "tgi", "comfyui", "wan", "ace", "custom"];
  const isApp = apps.includes(program);
  const cwd = fileURLToPath(new URL(isApp ? `../../../../apps/${program}/` : "../workers/", import.meta.url));
  if (launcher === "npm") {
    return { command: "npm", args: ["--prefix", cwd, "start"], cwd: tmpdir() };
  }
  return { command: process.execPath, args: [isApp ? "worker.ts" : `${program}.ts`], cwd };
}

/** The sum of all samples of a metric that carry these labels. */
function readMetric(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Waits until the worker answers on its internal port. */
export const listening = (worker: WorkerUnderTest): Promise<boolean> =>
  until(
    () =>
      fetch(`${worker.internalUrl}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { timeoutMs: 30_000, what: () => `a worker that listens; it said:\n${worker.process.output()}` },
  );

/** Waits until the engine has been told of all that the worker served. */
export const reported = (worker: WorkerUnderTest): Promise<boolean> =>
  until(
    async () =>
      worker.engine.sum("cur_perf") === (await worker.metric("pyworker_workload_total", { outcome: "success" })),
    { what: () => `reports of all that was served; ${worker.engine.sum("cur_perf")} are reported` },
  );
