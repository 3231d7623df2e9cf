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

/**
 * For a worker whose memory is compared before and after. V8 lets the young part of its heap grow for some twenty
 * thousand requests, to a hundred MB and no further, whatever is in it; kept small, it hides nothing that stays behind.
 */
export const smallHeap = { NODE_OPTIONS: "--max-semi-space-size=8" };

export const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Seconds that it takes, and what comes of it. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ seconds: number; result: Result }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - startedAt) / 1000 };
}
