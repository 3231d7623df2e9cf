import { spawn } from "node:child_process";

interface ProcessOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Signals reach all that it has started too, as Ctrl-C in a terminal does. */
  isGroup?: boolean;
}

/** A child process with its output kept. */
export interface ChildProcess {
  readonly pid: number;
  /** Its exit status; 128 and up for a signal. */
  readonly exited: Promise<number>;
  output(): string;
  /** Sends a signal and waits for the end; after 10 s, kills. */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

const patienceMilliseconds = 40_000;
const graceMilliseconds = 1000;

export function startProcess({ args, command, cwd, env, isGroup = false }: ProcessOptions): ChildProcess {
  const child = spawn(command, args, { cwd, env, detached: isGroup, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exited = new Promise<number>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(String(error)));
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
    // What it has left running may hold its output open: then there is no "close".
    child.on("exit", () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, graceMilliseconds).unref();
    });
  });
  const send = (signal: NodeJS.Signals): void => {
    if (!isGroup) {
      child.kill(signal);
    } else if (child.pid !== undefined && isThere(-child.pid)) {
      process.kill(-child.pid, signal);
    }
  };
  return {
    pid: child.pid ?? 0,
    exited,
    output: () => Buffer.concat(chunks).toString(),
    stop: async (signal = "SIGTERM") => {
      send(signal);
      const killer = setTimeout(() => send("SIGKILL"), patienceMilliseconds);
      const code = await exited;
      clearTimeout(killer);
      return code;
    },
  };
}

/** Whether there is a process, or for a negative number a group of them. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
