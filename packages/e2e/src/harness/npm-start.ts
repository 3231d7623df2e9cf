import { fileURLToPath } from "node:url";
import { type ChildProcess, startProcess, until } from "@pyworker/testing";
import type { createCleanUps } from "./clean-up.ts";
import { freePorts } from "./free-ports.ts";

/** `npm start` as a process, on ports of its own. */
export interface StartedCommand {
  command: ChildProcess;
  /** Waits until it has printed this. */
  said(text: string): Promise<unknown>;
  workerPort: number;
  enginePort: number;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** The words of a page's `npm start -- …`, for what runs it. */
export function wordsOf(command: string): string[] {
  const [, words = ""] = command.match(/^npm start(?: -- (.+))?$/) ?? [];
  return words.split(" ").filter(Boolean);
}

/** Makes what runs `npm start` with more words. */
export const createNpmStart =
  (cleanUp: ReturnType<typeof createCleanUps>) =>
  async (...words: string[]): Promise<StartedCommand> => {
    const worker = await freePorts();
    const engine = await freePorts();
    const ports = ["--port", String(worker.port), "--engine-port", String(engine.port)];
    const command = startProcess({
      command: "npm",
      args: ["start", "--silent", "--", ...words, ...ports],
      cwd: root,
      env: process.env,
    });
    cleanUp(() => command.stop("SIGKILL"));
    const said = (text: string) =>
      until(() => command.output().includes(text), {
        timeoutMs: 50_000,
        what: () => `"${text}" in:\n${command.output()}`,
      });
    return { command, said, workerPort: worker.port, enginePort: engine.port };
  };
