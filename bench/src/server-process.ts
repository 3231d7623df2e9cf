import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { until } from "@pyworker/testing";
import type { Bench } from "./bench.ts";

export interface ServerCommand {
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
  /** All that it gets to see of an environment, beside PATH. */
  env?: Readonly<Record<string, string>>;
}

/** A server in a process of its own. Its output goes to a file: reading a pipe would cost whoever makes the load. */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
  output(): string;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

const patienceMilliseconds = 10_000;
const startPatienceMilliseconds = 60_000;
const running = new Set<ChildProcess>();
let started = 0;

// Even where this process ends by a fault of its own, it leaves nothing behind.
process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

export function startServer(bench: Bench, { args, command, cwd, env = {}, name }: ServerCommand): ServerProcess {
  bench.signal.throwIfAborted();
  started += 1;
  const outputFile = join(bench.folder, `${started}-${name}.log`);
  const output = openSync(outputFile, "w");
  const child = spawn(command, args, {
    cwd: cwd ?? bench.folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  running.add(child);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("error", () => resolve()).once("exit", () => resolve());
  }).then(() => {
    ended = true;
    running.delete(child);
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), patienceMilliseconds);
    await end;
    clearTimeout(killer);
  };
  bench.cleanUps.add(stop);
  return {
    name,
    pid: child.pid ?? 0,
    output: () => readFileSync(outputFile, "utf8"),
    hasEnded: () => ended,
    stop,
  };
}

/** Waits until somebody listens. Rejects with the end of its output where the server has ended instead. */
export async function untilListening(port: number, server: ServerProcess): Promise<void> {
  await until(
    () => {
      if (server.hasEnded()) {
        throw new Error(`${server.name} has ended: ${endOfOutput(server)}`);
      }
      return canConnect(port);
    },
    { timeoutMs: startPatienceMilliseconds, what: () => `${server.name} to listen; it says: ${endOfOutput(server)}` },
  );
}

const endOfOutput = (server: ServerProcess): string => server.output().trim().slice(-500);

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const finish = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once("connect", () => finish(true)).once("error", () => finish(false));
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
