import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine } from "@pyworker/engine";
import { type ChildProcess, startProcess, until } from "@pyworker/testing";
import type { App } from "../apps.ts";
import { freePorts } from "../free-ports.ts";
import { rentedEnvironment } from "../rented-environment.ts";
import { accepts } from "../wait-for.ts";

interface Program {
  /** What it is a worker for. */
  app: App;
  command: string;
  args: readonly string[];
  cwd: string;
  /** Whether others run it, which Ctrl-C must reach as well. */
  isGroup?: boolean;
  /** Beside what a rented machine sets. */
  env: Readonly<Record<string, string>>;
}

interface Answered {
  status: number;
  text: string;
  /** How the program ended when it was told to. */
  exitStatus: number;
  /** What it did wrong in the engine's eyes. */
  violations: readonly unknown[];
}

/** Starts a program as the worker between a stand-in and a local engine, asks it once as soon as it is ready, and stops it. */
export async function askProgram({ app, args, command, cwd, env, isGroup = false }: Program): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-program-"));
  const [logFile, benchmarkFile] = [join(folder, "model.log"), join(folder, "benchmark")];
  await writeFile(benchmarkFile, "1000");
  const model = await app.startModel({ logFile });
  const engine = createEngine();
  const [{ url: engineUrl }, { internalPort, port }] = await Promise.all([engine.start(), freePorts()]);
  const program = startProcess({
    ...{ command, args, cwd, isGroup },
    env: {
      ...env,
      ...app.env,
      ...rentedEnvironment({ port, internalPort, engineUrl }),
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: benchmarkFile,
    },
  });
  const stopped = endOf(program);
  try {
    await Promise.race([stopped, engine.waitForWorker(({ status }) => status === "ready", { timeoutMs: 50_000 })]);
    const authData = engine.route({ endpoint: "local", cost: 10 });
    const response = await fetch(`${authData?.url}${app.request.route}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ auth_data: authData, payload: app.request.payload }),
    });
    const [status, text] = [response.status, await response.text()];
    const exitStatus = await program.stop("SIGINT");
    await until(async () => !(await accepts(port)), { what: () => "the end of the worker" });
    return { status, text, exitStatus, violations: engine.violations() };
  } catch (error) {
    throw new Error(`it said:\n${program.output()}`, { cause: error });
  } finally {
    await program.stop("SIGKILL");
    await engine.stop();
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rejects when a program ends. */
async function endOf({ exited }: ChildProcess): Promise<never> {
  throw new Error(`the program ended with status ${await exited}`);
}
