import { execFile } from "node:child_process";

interface CommandOptions {
  cwd?: string;
  signal: AbortSignal;
}

/** Runs a command to its end; resolves to what it printed. Rejects with what it complained of. */
export function runCommand(command: string, args: readonly string[], { cwd, signal }: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, signal }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else {
        const reason = stderr.trim().split("\n").at(-1) || error.message;
        reject(new Error(`${command} ${args.slice(0, 2).join(" ")}: ${reason}`, { cause: error }));
      }
    });
  });
}
