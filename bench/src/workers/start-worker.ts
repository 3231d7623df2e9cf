import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "../bench.ts";
import { freePort, startServer, untilListening } from "../server-process.ts";
import { nextWorkerId, type RunningEngine } from "../start-engine.ts";
import type { WorkerTarget } from "../target.ts";

export interface WorkerSettings {
  name: string;
  engineUrl: string;
  modelUrl: string;
  /** Whether its throughput was measured before. Default true. */
  isMeasured?: boolean;
  /** Default "/health"; undefined: the log alone says how the model is. */
  healthPath?: string | undefined;
  /** More of an environment. */
  env?: Readonly<Record<string, string>>;
}

/** So much workload per second that no request is ever refused for the wait. */
const savedThroughput = "1000000000";
const loadLine = "(APIServer pid=1) INFO:     Application startup complete.\n";

const constantWorker = fileURLToPath(new URL("./constant-worker.ts", import.meta.url));
const vllmWorker = fileURLToPath(new URL("../../../apps/vllm/worker.ts", import.meta.url));

export const startConstantWorker = (bench: Bench, settings: WorkerSettings): Promise<WorkerTarget> =>
  startWorker(bench, settings, { command: process.execPath, args: [constantWorker], id: nextWorkerId("ours") });

/** The worker for vLLM as users run it. */
export const startVllmWorker = (bench: Bench, settings: WorkerSettings): Promise<WorkerTarget> =>
  startWorker(bench, settings, { command: process.execPath, args: [vllmWorker], id: nextWorkerId("ours") });

interface Program {
  command: string;
  args: readonly string[];
  /** The id by which the engine knows it. */
  id: number;
}

/** Starts a worker of either language by its environment alone, with signatures on. Resolves when it listens. */
export async function startWorker(bench: Bench, settings: WorkerSettings, program: Program): Promise<WorkerTarget> {
  const { engineUrl, env = {}, isMeasured = true, modelUrl, name } = settings;
  const healthPath = "healthPath" in settings ? settings.healthPath : "/health";
  const [port, internalPort] = [await freePort(), await freePort()];
  const folder = join(bench.folder, `${name}-${port}`);
  const logFile = join(folder, "model.log");
  await mkdir(folder);
  await writeFile(logFile, "");
  if (isMeasured) {
    await writeFile(join(folder, ".has_benchmark"), savedThroughput);
  }
  const startedAt = performance.now();
  const server = startServer(bench, {
    name,
    command: program.command,
    args: program.args,
    cwd: folder,
    env: {
      WORKER_PORT: String(port),
      WORKER_HOST: "127.0.0.1",
      WORKER_HTTP_PORT: String(internalPort),
      [`VAST_TCP_PORT_${port}`]: String(port),
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: String(program.id),
      MASTER_TOKEN: "bench",
      REPORT_ADDR: engineUrl,
      MODEL_SERVER_URL: modelUrl,
      MODEL_LOG: logFile,
      ...(healthPath === undefined ? {} : { MODEL_HEALTH_ENDPOINT: healthPath }),
      ...env,
    },
  });
  await untilListening(port, server);
  const startSeconds = (performance.now() - startedAt) / 1000;
  return { id: program.id, logFile, process: server, startSeconds, url: `http://127.0.0.1:${port}` };
}

/** Writes the line by which the model says that it is loaded. */
export const writeLoadLine = ({ logFile }: WorkerTarget): Promise<void> => appendFile(logFile, loadLine);

/** Makes the model load; resolves when the engine has heard that the worker is ready. */
export async function makeReady({ engine }: RunningEngine, worker: WorkerTarget): Promise<void> {
  await writeLoadLine(worker);
  await engine.waitForWorker(({ id, status, url }) => id === worker.id && url === worker.url && status === "ready");
}
