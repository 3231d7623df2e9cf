import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeEngine, startProcess, until } from "@pyworker/testing";
import { freePorts } from "../harness/free-ports.ts";

interface ProgramOptions {
  command?: string;
  args: readonly string[];
  cwd: string;
  model: { url: string; logFile: string };
  env?: Readonly<Record<string, string>>;
  /** What is waited for. Default "ready". */
  until?: "ready" | "listening";
}

/** A worker made of a page's code, which serves without signatures. */
export interface Program {
  readonly url: string;
  post(route: string, payload: unknown): Promise<Response>;
  /** Resolves to its exit status. */
  stop(): Promise<number>;
}

/** Starts a program by its environment alone, and waits until it is ready. Throws what it printed where it never is. */
export async function startProgram({ command = process.execPath, ...options }: ProgramOptions): Promise<Program> {
  const { args, cwd, env = {}, model, until: wanted = "ready" } = options;
  const folder = await mkdtemp(join(tmpdir(), "pyworker-docs-"));
  const engine = await startFakeEngine();
  const { internalPort, port } = await freePorts();
  const program = startProcess({
    command,
    args,
    cwd,
    env: {
      PATH: process.env.PATH,
      UNSECURED: "true",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      REPORT_ADDR: engine.url,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: model.logFile,
      BENCHMARK_FILE: join(folder, "benchmark"),
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<number> => {
    const status = await program.stop("SIGTERM");
    await engine.close();
    await rm(folder, { recursive: true, force: true });
    return status;
  };
  const probe = wanted === "ready" ? "readyz" : "healthz";
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${internalPort}/${probe}`).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    await until(isUp, { timeoutMs: 30_000, what: () => `a worker that is ${wanted}; it printed\n${program.output()}` });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    post: (route, payload) => fetch(url + route, { method: "POST", body: JSON.stringify(payload) }),
    stop,
  };
}
