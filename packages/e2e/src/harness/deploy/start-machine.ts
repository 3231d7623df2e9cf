import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createEngine, type Engine } from "@pyworker/engine";
import { type ChildProcess, startProcess, until } from "@pyworker/testing";
import { freePorts } from "../free-ports.ts";
import { rentedEnvironment } from "../rented-environment.ts";
import { pathWithoutNode } from "./path-without-node.ts";

const run = promisify(execFile);

const script = fileURLToPath(new URL("../../../../../deploy/start_server.sh", import.meta.url));
/** What a test's own npm and jest leave in the environment, and no rented machine has. */
const testsOwn = /^(npm_|NODE_ENV$|NODE_OPTIONS$|JEST_|INIT_CWD$|GIT_(DIR|WORK_TREE|INDEX_FILE)$)/i;

type Env = Readonly<Record<string, string | undefined>>;

/** A rented machine, as far as the launcher sees it: a folder of its own, and an engine to report to. */
export interface Machine {
  readonly folder: string;
  /** `WORKSPACE_DIR`. */
  readonly workspace: string;
  readonly engine: Engine;
  readonly engineUrl: string;
  readonly port: number;
  /** What `FORCE_UPDATE_FILE` names. */
  readonly updateFile: string;
  /** Starts the launcher: as a file, or as people do who fetch it and pipe it into bash. */
  launch(env?: Env, how?: "file" | "piped"): ChildProcess;
  /** Waits for a report of an error with this in it. */
  errorReported(text: string): Promise<string>;
  /** What the launcher's own log says. */
  log(): Promise<string>;
  /** The process that runs the worker. */
  workerPid(): Promise<number>;
  stop(): Promise<void>;
}

interface MachineSettings {
  /** Of every launch. */
  env?: Env;
  /** Whether the PATH leads to Node. Default true. */
  hasNode?: boolean;
}

/** What is installed comes from the caches of whoever runs the tests, where they are. */
const sharedCaches = {
  XDG_CACHE_HOME: join(homedir(), ".cache"),
  XDG_DATA_HOME: join(homedir(), ".local", "share"),
  npm_config_cache: join(homedir(), ".npm"),
};

export async function startMachine({ env = {}, hasNode = true }: MachineSettings = {}): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-machine-"));
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  await mkdir(home);
  const path = hasNode ? process.env.PATH : await pathWithoutNode(join(folder, "bin"));
  const engine = createEngine({ onViolation: () => {} });
  const [{ url: engineUrl }, { internalPort, port }] = await Promise.all([engine.start(), freePorts()]);
  const updateFile = join(folder, "force_update");
  const launched: ChildProcess[] = [];
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !testsOwn.test(name)));
  const log = () => readFile(join(workspace, "debug.log"), "utf8").catch(() => "");
  const workerPid = async () => Number.parseInt(await readFile(join(workspace, "pyworker", "worker.pid"), "utf8"), 10);
  return {
    folder,
    workspace,
    engine,
    engineUrl,
    port,
    updateFile,
    launch: (more = {}, how = "file") => {
      const launcher = startProcess({
        command: "bash",
        args: how === "file" ? [script] : ["-c", `exec bash < <(cat "$0")`, script],
        cwd: folder,
        env: {
          ...inherited,
          ...sharedCaches,
          PATH: path,
          HOME: home,
          WORKSPACE_DIR: workspace,
          ...rentedEnvironment({ port, internalPort, engineUrl }),
          MASTER_TOKEN: "master-token",
          USE_SSL: "false",
          FORCE_UPDATE_FILE: updateFile,
          ...env,
          ...more,
        },
      });
      launched.push(launcher);
      return launcher;
    },
    errorReported: async (text) => {
      const { errorMessage } = await engine
        .waitForWorker((worker) => worker.errorMessage.includes(text), { timeoutMs: 30_000 })
        .catch(async (error) => {
          throw new Error(`${error}\nthe launcher said:\n${await log()}`);
        });
      return errorMessage;
    },
    log,
    workerPid,
    stop: async () => {
      await Promise.all(launched.map((launcher) => launcher.stop()));
      // A launcher that was killed has left one behind.
      await workerPid()
        .then((pid) => process.kill(pid, "SIGKILL"))
        .catch(() => undefined);
      await engine.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Waits until a tiny worker answers at this machine's public port. */
export const answerOf = (
  machine: Machine,
  timeoutMs = 30_000,
): Promise<{ answer: string; env: Record<string, string> }> =>
  until(
    () =>
      fetch(`http://127.0.0.1:${machine.port}/`).then(
        (response) => response.json() as Promise<{ answer: string; env: Record<string, string> }>,
        () => undefined,
      ),
    { timeoutMs, what: () => "an answer of the worker" },
  );

/** Makes a repository's `url` stand for a folder, in the git configuration of this machine's user. */
export async function standFor(machine: Machine, url: string, folder: string): Promise<void> {
  const file = join(machine.folder, "home", ".gitconfig");
  await run("git", ["config", "--file", file, `url.${folder}.insteadOf`, url]);
}

/** Writes files into a folder, which may not be there yet. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
