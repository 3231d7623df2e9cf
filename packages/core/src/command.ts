import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { formatFindings } from "./check/finding.ts";
import { commandHelp } from "./command-help.ts";
import type { Worker } from "./worker.ts";

/** A worker that can be started by a command, and what the command says of it. */
export interface WorkerCommand {
  /** How it is called: `npx @pyworker/vllm`. */
  command: string;
  /** Where its package.json is, which has its name, version and description. */
  manifest: URL;
  /** The variables of its own, and what they mean. */
  variables?: Readonly<Record<string, string>>;
  /** Where its documentation is. */
  docs?: string;
  /** Called when there is a worker to start or to check, and not for `--help`. */
  createWorker(): Worker;
}

const mistake = 2;

/**
 * Starts a worker, or does what the words behind the command ask for: `--check`, `--help` or `--version`.
 *
 * @example
 * await runWorkerCommand({
 *   command: "node worker.ts",
 *   manifest: new URL("package.json", import.meta.url),
 *   createWorker: () => new Worker(options),
 * });
 */
export async function runWorkerCommand(about: WorkerCommand): Promise<void> {
  const wanted = readWords(about);
  if (wanted === undefined) {
    process.exitCode = mistake;
  } else if (wanted.help) {
    console.log(commandHelp(about, readManifest(about).description));
  } else if (wanted.version) {
    const { name, version } = readManifest(about);
    console.log(`${name} ${version}`);
  } else if (wanted.check) {
    await check(about.createWorker());
  } else {
    await about.createWorker().run();
  }
}

/** Prints what is found. Ends the process: a disk that doesn't answer would keep it. */
async function check(worker: Worker): Promise<void> {
  const findings = await worker.check();
  console.log(formatFindings(findings));
  process.exit(findings.some(({ outcome }) => outcome === "wrong") ? 1 : 0);
}

/** Undefined for words that there are not; then it has said so. */
function readWords({ command }: WorkerCommand) {
  try {
    const { values } = parseArgs({
      options: {
        check: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    // Its further sentences explain what no option here needs.
    const [what] = (error instanceof Error ? error.message : String(error)).split(". ");
    console.error(`${what}. \`${command} --help\` shows what there is.`);
    return undefined;
  }
}

const manifestSchema = z.object({
  name: z.string().default("worker"),
  version: z.string().default("without a version"),
  description: z.string().default(""),
});

const readManifest = ({ manifest }: WorkerCommand): z.output<typeof manifestSchema> =>
  manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
