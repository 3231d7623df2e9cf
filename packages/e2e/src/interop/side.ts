import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ChildProcess,
  type FakeEngine,
  startFakeEngine,
  startProcess,
  startVllmServer,
  until,
  type VllmServer,
} from "@pyworker/testing";
import { freePorts } from "../harness/free-ports.ts";
import { pythonEnvironment, scriptPath } from "./python.ts";

/** One worker process, with a model server behind it and an engine it reports to: both sides have the same, each its own. */
export interface Side {
  readonly name: "reference" | "ours";
  readonly url: string;
  readonly internalUrl: string;
  readonly engine: FakeEngine;
  readonly model: VllmServer;
  readonly worker: ChildProcess;
  /** What `/pyworker/update` writes; the folder it lies in holds nothing else. */
  readonly updateFile: string;
  /** Appends a line to the model's log. */
  log(line: string): Promise<void>;
  stop(): Promise<void>;
}

export const loadLine = "Application startup complete.";
export const errorLine = "RuntimeError: Engine";
export const masterToken = "the-master-token";
/** Sessions that both workers take at a time. */
export const maxSessions = 3;
/** Workload per second: what both workers find as measured before. */
export const perf = 100;

const readyMilliseconds = 50_000;
const quotedCharacters = 3000;

interface SideOptions {
  /** The Python that runs the reference. */
  python: string;
  /** Beyond what both sides always get. */
  env: Readonly<Record<string, string>>;
  /** Whether the model's log says from the beginning that it has loaded. */
  loaded: boolean;
}

export async function startSide(name: Side["name"], { env, loaded, python }: SideOptions): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), `pyworker-${name}-`));
  const logFile = join(folder, "model.log");
  const updateFolder = join(folder, "update");
  const updateFile = join(updateFolder, "force_update");
  await Promise.all([
    mkdir(updateFolder),
    writeFile(join(folder, ".has_benchmark"), String(perf)),
    writeFile(logFile, loaded ? `${loadLine}\n` : ""),
  ]);
  const [engine, model, ports] = await Promise.all([startFakeEngine(), startVllmServer(), freePorts()]);
  const { internalPort, port } = ports;
  const script = fileURLToPath(new URL("our-worker.ts", import.meta.url));
  const worker = startProcess({
    ...(name === "ours"
      ? { command: process.execPath, args: [script] }
      : { command: python, args: [scriptPath("reference_worker.py")] }),
    cwd: folder,
    env: {
      ...pythonEnvironment(),
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      WORKER_HTTP_PORT: String(internalPort),
      [`VAST_TCP_PORT_${port}`]: String(port),
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: "42",
      REPORT_ADDR: engine.url,
      MASTER_TOKEN: masterToken,
      MODEL_SERVER_URL: "http://127.0.0.1",
      MODEL_SERVER_PORT: String(model.port),
      MODEL_LOG: logFile,
      FORCE_UPDATE_FILE: updateFile,
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const side: Side = {
    name,
    url,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    engine,
    model,
    worker,
    updateFile,
    log: (line) => appendFile(logFile, `${line}\n`),
    stop: async () => {
      // The reference waits for its clients to leave; nothing here needs it to.
      await worker.stop(name === "ours" ? "SIGTERM" : "SIGKILL");
      await Promise.all([model.stop(), engine.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return side;
}

/** Waits until the worker takes requests, whether or not its model is loaded. */
export const waitUntilListening = (side: Side): Promise<void> =>
  waitFor(side, "to listen", () => isListening(side.url));

/** Waits until the worker has reported that it is ready. */
export const waitUntilReady = (side: Side): Promise<void> =>
  waitFor(side, "to be ready", async () => side.engine.statuses.some(({ max_perf: reported }) => reported === perf));

async function waitFor({ worker }: Side, wanted: string, holds: () => Promise<boolean>): Promise<void> {
  let hasEnded = false;
  worker.exited.then(() => {
    hasEnded = true;
  });
  const what = () => `the worker ${wanted}; it said last:\n${worker.output().slice(-quotedCharacters)}`;
  const found = await until(async () => hasEnded || (await holds()), { timeoutMs: readyMilliseconds, what });
  if (found && hasEnded) {
    throw new Error(`waited in vain for ${what()}`);
  }
}

const isListening = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ status }) => status === 404,
    () => false,
  );
