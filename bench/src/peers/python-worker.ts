import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@pyworker/testing";
import type { Bench } from "../bench.ts";
import { signedBody } from "../load/bodies.ts";
import { openConnection } from "../load/latency.ts";
import { runCommand } from "../run-command.ts";
import { nextWorkerId, type RunningEngine } from "../start-engine.ts";
import type { WorkerTarget } from "../target.ts";
import { startWorker, type WorkerSettings, writeLoadLine } from "../workers/start-worker.ts";
import { cacheFolder } from "./cache-folder.ts";

const pythonPackage = "vastai==1.9.1";
const program = fileURLToPath(new URL("./worker.py", import.meta.url));

/** Starts the Python worker with its own defaults: signatures checked, and its log, DEBUG and all, in its output. */
export async function startPythonWorker(bench: Bench, settings: WorkerSettings): Promise<WorkerTarget> {
  return startWorker(bench, settings, { command: await findPython(bench), args: [program], id: nextWorkerId("peer") });
}

/**
 * Makes its model load, and waits until the engine has heard that it is ready: of that it would tell it only with its next
 * report, up to ten seconds later, but a request makes it report at once.
 */
export async function makePythonReady({ engine }: RunningEngine, worker: WorkerTarget): Promise<void> {
  await writeLoadLine(worker);
  const connection = openConnection(worker.url);
  const body = signedBody(engine, { prompt: "hello", url: worker.url });
  await until(
    async () => {
      // Refused until its key has come.
      await connection.post(body).catch(() => undefined);
      return engine.workers().some(({ id, status }) => id === worker.id && status === "ready");
    },
    { timeoutMs: 30_000, what: () => "the Python worker to be ready" },
  );
  await connection.close();
}

/** A Python with the package in a virtual environment of its own; installed once. Rejects where that can't be done. */
export async function findPython({ say, signal }: Bench): Promise<string> {
  const folder = await cacheFolder("python-worker");
  const python = join(folder, "bin/python");
  const stamp = join(folder, pythonPackage);
  if (!existsSync(stamp)) {
    say(`installing ${pythonPackage} …`);
    await runCommand("python3", ["-m", "venv", folder], { signal });
    await runCommand(python, ["-m", "pip", "install", "--quiet", pythonPackage], { signal });
    await writeFile(stamp, "");
  }
  return python;
}
