import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTgiWorker, type TgiWorkerOptions } from "./create-tgi-worker.ts";

interface Surroundings {
  /** Where it reports to. */
  reportUrl: string;
  modelUrl: string;
  modelLog: string;
}

interface RunningWorker {
  url: string;
  stop(): Promise<unknown>;
}

/** Starts a worker on ports of its own, with no signatures. */
export async function startWorker(
  { modelLog, modelUrl, reportUrl }: Surroundings,
  options: TgiWorkerOptions = {},
): Promise<RunningWorker> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-tgi-"));
  const port = String(await freePort());
  const worker = await createTgiWorker({
    ...options,
    environment: {
      UNSECURED: "true",
      LOG_LEVEL: "silent",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: port,
      WORKER_HTTP_PORT: String(await freePort()),
      REPORT_ADDR: reportUrl,
      MODEL_SERVER_URL: modelUrl,
      MODEL_LOG: modelLog,
      BENCHMARK_FILE: join(folder, "benchmark"),
    },
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

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
