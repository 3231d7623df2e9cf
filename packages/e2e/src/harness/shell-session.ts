import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "@pyworker/testing";

interface SessionOptions {
  /** Where it begins, and where it keeps what it remembers. */
  folder: string;
  shell: "sh" | "bash";
  env: Readonly<Record<string, string | undefined>>;
}

/** What a reader does in one terminal, command by command: folders and variables stay from one to the next. */
export interface ShellSession {
  /** Runs a command to its end. Resolves to its status and all that it printed. */
  run(command: string): Promise<{ status: number; output: string }>;
  /** Starts a command, and leaves it running when it has printed a text. */
  start(command: string, text: string): Promise<void>;
  /** Stops what was started last, and whatever that has started. */
  stopLast(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  readonly exited: Promise<number>;
  output(): string;
  stop(): Promise<void>;
}

const patienceMilliseconds = 60_000;
const graceMilliseconds = 10_000;

export function createShellSession({ env, folder, shell }: SessionOptions): ShellSession {
  const state = join(folder, ".session");
  const started: Running[] = [];
  // Assigned variables are exported, so that the next shell has them.
  const begin = `set -a\nif [ -f '${state}' ]; then . '${state}'; cd "$PWD"; fi\n`;
  const end = `\n_status=$?\nexport -p > '${state}'\nexit $_status`;
  const launch = (script: string): Running => {
    const running = startGroup(shell, ["-c", script], { cwd: folder, env });
    started.push(running);
    return running;
  };
  const stopLast = async (): Promise<void> => started.pop()?.stop();
  return {
    run: async (command) => {
      const running = launch(begin + command + end);
      const status = await running.exited;
      await stopLast();
      return { status, output: running.output() };
    },
    start: async (command, text) => {
      const running = launch(begin + command.replace(/\s*&$/, ""));
      let status: number | undefined;
      void running.exited.then((code) => {
        status = code;
      });
      const hasPrinted = (): boolean => running.output().includes(text);
      await until(() => hasPrinted() || status !== undefined, {
        timeoutMs: patienceMilliseconds,
        what: () => `"${text}" from ${command}; it printed\n${running.output()}`,
      });
      if (!hasPrinted()) {
        throw new Error(`${command} ended with ${status} before it printed "${text}"; it printed\n${running.output()}`);
      }
    },
    stopLast,
    stop: async () => {
      while (started.length > 0) {
        await stopLast();
      }
    },
  };
}

/** A process in a group of its own, so that what it starts is stopped with it. */
function startGroup(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Running {
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = once(child, "close");
  const exited = once(child, "exit").then(([code]) => (typeof code === "number" ? code : 128));
  return {
    exited,
    output: () => Buffer.concat(chunks).toString(),
    stop: async () => {
      signal(child.pid, "SIGTERM");
      const killer = setTimeout(() => signal(child.pid, "SIGKILL"), graceMilliseconds);
      await closed;
      clearTimeout(killer);
    },
  };
}

/** Signals a whole group, if there is still one. */
function signal(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) {
    return;
  }
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}
