import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildProcess, startProcess } from "@pyworker/testing";

interface WorkerSettings {
  /** A folder of `apps`. */
  app: string;
  engineUrl: string;
  folder: string;
  port: string;
  /** What leads it to its model server. */
  environment: Readonly<Record<string, string>>;
}

/** Starts an app's worker on this machine. */
export function startWorker({
  app,
  engineUrl,
  environment,
  folder,
  port,
}: WorkerSettings): ChildProcess & { url: string } {
  const worker = startProcess({
    command: process.execPath,
    args: ["worker.ts"],
    cwd: fileURLToPath(new URL(`../../apps/${app}/`, import.meta.url)),
    env: {
      ...process.env,
      WORKER_PORT: port,
      WORKER_HOST: "127.0.0.1",
      [`VAST_TCP_PORT_${port}`]: port,
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: "1",
      REPORT_ADDR: engineUrl,
      BENCHMARK_FILE: join(folder, "benchmark"),
      ...environment,
    },
  });
  return { ...worker, url: `http://127.0.0.1:${port}` };
}
