import { spawn } from "node:child_process";

/** A command and all that it starts, as a container holds them together. */
export interface ProcessGroup {
  output(): string;
  /** Ends all of it at once, as a container's end does. */
  kill(): void;
}

/** Starts a command as the first process of a group of its own. npx, for one, leaves what it has started behind. */
export function startGroup(
  [command = "", ...args]: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", (error) => chunks.push(Buffer.from(String(error))));
  return {
    output: () => Buffer.concat(chunks).toString(),
    kill: () => {
      try {
        process.kill(-(child.pid ?? Number.NaN), "SIGKILL");
      } catch {
        // It has ended, and all of it.
      }
    },
  };
}
