import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startProcess } from "@pyworker/testing";

/** What a package's command printed, and the status it ended with. */
export interface CommandResult {
  status: number;
  output: string;
}

export interface PackageCommand {
  name: string;
  version: string;
  /** Runs it to its end, in an environment that holds this and no more. */
  call(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
}

/** The command of a package, as npx would run it. */
export function packageCommand(folder: string): PackageCommand {
  const cwd = fileURLToPath(new URL(`../../../${folder}/`, import.meta.url));
  const { bin, name, version } = JSON.parse(readFileSync(`${cwd}package.json`, "utf8"));
  const [file] = Object.values(bin);
  return {
    name,
    version,
    call: async (words, env = {}) => {
      const child = startProcess({ command: process.execPath, args: [`${file}`, ...words], cwd, env });
      const status = await child.exited;
      return { status, output: child.output() };
    },
  };
}
