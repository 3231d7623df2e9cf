import type { Logger } from "pino";
import type { ResolvedBenchmark } from "./benchmark-definition.ts";
import type { Clock } from "./clock.ts";
import { reasonOf } from "./reason-of.ts";

/** Why there is no figure, in one line. */
export class BenchmarkError extends Error {
  override readonly name = "BenchmarkError";
}

/** What one request of a benchmark came to. */
export interface BenchmarkAnswer {
  status: number;
  workload: number;
  /** What was wrong, where more is known than the status. */
  failure?: string | undefined;
}

interface BenchmarkOptions {
  benchmark: ResolvedBenchmark;
  /** Requests at once: the benchmark's concurrency, as far as the handler allows it. */
  concurrency: number;
  /** Sends one payload and reads the answer to its end. */
  send: (payload: unknown, signal: AbortSignal) => Promise<BenchmarkAnswer>;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}

const agreement = 0.05;

/** Measures throughput: the best round's workload per second. Throws BenchmarkError where a round has no success. */
export async function runBenchmark(options: BenchmarkOptions): Promise<number> {
  const { benchmark, clock, log, signal } = options;
  const deadline = new AbortController();
  const cancelDeadline = clock.after(benchmark.maxSeconds * 1000, () => deadline.abort());
  const either = AbortSignal.any([signal, deadline.signal]);
  const rounds: number[] = [];
  try {
    if (benchmark.warmup) {
      await warmUp(options, either);
    }
    while (rounds.length < benchmark.runs && !isStable(benchmark, rounds)) {
      const perf = await runRound(options, either);
      if (either.aborted) {
        break;
      }
      rounds.push(perf);
      log.info({ round: rounds.length, perf }, "benchmark round");
    }
  } finally {
    cancelDeadline();
  }
  signal.throwIfAborted();
  if (rounds.length === 0) {
    throw new BenchmarkError(`the benchmark took longer than ${benchmark.maxSeconds} s and finished no round`);
  }
  return Math.max(...rounds);
}

/** The number of requests at once that a handler's own limit leaves. */
export function benchmarkConcurrency(
  { concurrency }: ResolvedBenchmark,
  allowParallelRequests: boolean | number = true,
): number {
  const wanted = typeof concurrency === "function" ? concurrency() : concurrency;
  return allowParallelRequests === true ? wanted : Math.min(wanted, allowParallelRequests || 1);
}

async function warmUp(options: BenchmarkOptions, signal: AbortSignal): Promise<void> {
  const { failure } = await request(options, signal);
  if (failure !== undefined) {
    options.log.warn({ reason: failure }, "the benchmark's warm-up request failed");
  }
}

async function runRound(options: BenchmarkOptions, signal: AbortSignal): Promise<number> {
  const { clock, concurrency } = options;
  const startedAt = clock.monotonic();
  const results = await Promise.all(Array.from({ length: concurrency }, () => request(options, signal)));
  const seconds = Math.max((clock.monotonic() - startedAt) / 1000, 0.001);
  const successes = results.filter(({ failure }) => failure === undefined);
  if (successes.length === 0 && !signal.aborted) {
    const failures = [...new Set(results.map(({ failure }) => failure))].join("; ");
    throw new BenchmarkError(`No successful responses from benchmark: ${failures}`);
  }
  return successes.reduce((sum, { workload }) => sum + workload, 0) / seconds;
}

async function request(
  { benchmark, send }: BenchmarkOptions,
  signal: AbortSignal,
): Promise<{ workload: number; failure: string | undefined }> {
  const sendNext = async () => send(await benchmark.nextPayload?.(), signal);
  try {
    const answer = await orAborted(sendNext, signal);
    return { workload: answer.workload, failure: failureOf(answer) };
  } catch (error) {
    return { workload: 0, failure: reasonOf(error) };
  }
}

function failureOf({ failure, status }: BenchmarkAnswer): string | undefined {
  if (status !== 200) {
    return failure === undefined ? `status ${status}` : `status ${status}: ${failure}`;
  }
  return failure === undefined ? undefined : `status 200, but ${failure}`;
}

/** Rejects on abort, whether or not the work does: a handler that ignores its signal must not hold up the verdict. */
function orAborted<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}

function isStable({ until }: ResolvedBenchmark, rounds: readonly number[]): boolean {
  const [last, before] = [rounds.at(-1), rounds.at(-2)];
  if (until !== "stable" || last === undefined || before === undefined) {
    return false;
  }
  return Math.abs(last - before) <= agreement * Math.max(last, before);
}
