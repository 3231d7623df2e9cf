import { jest } from "@jest/globals";
import type { WorkerUnderTest } from "./start-worker.ts";

/** Gives the tests of a file so many minutes each. */
export const allowMinutes = (minutes: number): void => {
  jest.setTimeout(minutes * 60_000);
};

/** One line of figures, past jest, which keeps what tests print to itself. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The worker's memory as the system counts it, in MB. */
export const megabytesOf = async (worker: WorkerUnderTest): Promise<number> =>
  Math.round((await worker.metric("process_resident_memory_bytes")) / 2 ** 20);

export const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Seconds that it takes, and what comes of it. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ seconds: number; result: Result }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - startedAt) / 1000 };
}
