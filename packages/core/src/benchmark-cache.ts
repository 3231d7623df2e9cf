import { open, readFile, rename, rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { hasCode } from "./has-code.ts";
import { reasonOf } from "./reason-of.ts";

/** Keeps a measured throughput from one start to the next. */
export interface BenchmarkCache {
  /** The figure, if there is one that was measured for the same. A bare number, as the Python worker writes it, counts. */
  read(): Promise<number | undefined>;
  /** Never rejects: a worker that can't keep its figure measures again next time. */
  write(perf: number): Promise<void>;
}

interface CacheOptions {
  path: string;
  /** What a figure is measured for; one for something else is not used. */
  measuredFor: Readonly<Record<string, unknown>>;
  log: Logger;
}

/** First line: the number, for the Python worker to read. Second line: what it was measured for, as JSON. */
export function createBenchmarkCache({ path, measuredFor, log }: CacheOptions): BenchmarkCache {
  const identity: unknown = JSON.parse(JSON.stringify(measuredFor));
  return {
    read: async () => {
      const text = await readIfThere(path, log);
      if (text === undefined) {
        return undefined;
      }
      const [first = "", second] = text.split("\n");
      const perf = Number(first);
      if (!Number.isFinite(perf) || perf <= 0) {
        log.warn({ path }, "the saved benchmark is empty or broken: measuring anew");
        return undefined;
      }
      if (second && !isDeepStrictEqual(parseOrUndefined(second), identity)) {
        log.info({ path }, "the saved benchmark was measured for something else: measuring anew");
        return undefined;
      }
      return perf;
    },
    write: async (perf) => {
      try {
        await writeAtomically(path, `${perf}\n${JSON.stringify(identity)}\n`);
      } catch (error) {
        log.warn({ path, reason: reasonOf(error) }, "the benchmark can't be saved: make room, or set BENCHMARK_FILE");
      }
    },
  };
}

async function readIfThere(path: string, log: Logger): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      log.warn({ path, reason: reasonOf(error) }, "the saved benchmark can't be read: measuring anew");
    }
    return undefined;
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
