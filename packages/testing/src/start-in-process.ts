import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./server/free-ports.ts";

export interface Surroundings {
  /** Where it reports to. */
  reportUrl: string;
  modelUrl: string;
  modelLog: string;
}

interface Startable {
  start(): Promise<{ stop(): Promise<unknown> }>;
}

/** Starts a worker in this process, on ports of its own and with no signatures. `create` makes it from its environment. */
export async function startInProcess(
  { modelLog, modelUrl, reportUrl }: Surroundings,
  create: (environment: Record<string, string>) => Startable,
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-in-process-"));
  const { internalPort, port } = await freePorts();
  const worker = await create({
    UNSECURED: "true",
    LOG_LEVEL: "silent",
    WORKER_HOST: "127.0.0.1",
    WORKER_PORT: String(port),
    WORKER_HTTP_PORT: String(internalPort),
    REPORT_ADDR: reportUrl,
    MODEL_SERVER_URL: modelUrl,
    MODEL_LOG: modelLog,
    BENCHMARK_FILE: join(folder, "benchmark"),
  }).start();
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await worker.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export const postJson = (url: string, payload: object, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
    signal,
  });
