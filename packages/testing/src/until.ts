import { setTimeout as sleep } from "node:timers/promises";

interface UntilOptions {
  timeoutMs?: number;
  /** What is waited for, in the error. */
  what?: () => string;
}

/** Waits until `find` returns something other than undefined and false. */
export async function until<Found>(
  find: () => Found | undefined | false | Promise<Found | undefined | false>,
  { timeoutMs = 20_000, what = () => "a condition" }: UntilOptions = {},
): Promise<Found> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const found = await find();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what()}`);
    }
    await sleep(5);
  }
}
