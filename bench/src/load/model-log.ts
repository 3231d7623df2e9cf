import { appendFile } from "node:fs/promises";
import { until } from "@pyworker/testing";
import type { WorkerTarget } from "../target.ts";

let marks = 0;

/** Appends to a worker's model log; resolves to the seconds until the worker has read it all. */
export async function timeLogRead({ logFile, process }: WorkerTarget, text: Buffer): Promise<number> {
  marks += 1;
  const mark = `the end of text ${marks} of the bench`;
  const startedAt = performance.now();
  await appendFile(logFile, text);
  // A worker repeats this line in its own log.
  await appendFile(logFile, `\n{"message":"Download: ${mark}"}\n`);
  await until(() => process.output().includes(mark), { timeoutMs: 120_000, what: () => `the worker to read ${mark}` });
  return (performance.now() - startedAt) / 1000;
}
