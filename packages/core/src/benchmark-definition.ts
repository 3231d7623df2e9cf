/** How a worker measures its throughput: one warm-up request, then rounds of requests at once. */
export interface BenchmarkDefinition<Payload> {
  /** Makes one payload. Called for every request, so that no cache can answer it. */
  generator?: () => Payload | Promise<Payload>;
  /** Payloads to draw from at random, instead of a generator. */
  dataset?: readonly Payload[];
  /** Rounds; at most so many with `until: "stable"`. Default 8. */
  runs?: number;
  /** Requests at once in a round; 1 when the handler is serial. A function is asked when it begins. Default 10. */
  concurrency?: number | (() => number);
  /** Whether one request goes ahead, unmeasured. Default true. */
  warmup?: boolean;
  /** "stable" stops as soon as two successive rounds agree within 5 %. Default "runs". */
  until?: "runs" | "stable";
  /** Seconds after which the benchmark ends with what it has measured. Default 600. */
  maxSeconds?: number;
}

/** A benchmark with its defaults filled in. */
export interface ResolvedBenchmark {
  readonly runs: number;
  readonly concurrency: number | (() => number);
  readonly warmup: boolean;
  readonly until: "runs" | "stable";
  readonly maxSeconds: number;
  /** Undefined where neither a generator nor a dataset was given. */
  readonly nextPayload: (() => unknown) | undefined;
}

/** Fills in the defaults. */
export function resolveBenchmark<Payload>(benchmark: BenchmarkDefinition<Payload>): ResolvedBenchmark {
  const { generator, dataset } = benchmark;
  const draw = dataset?.length ? () => dataset[Math.floor(Math.random() * dataset.length)] : undefined;
  return {
    runs: benchmark.runs ?? 8,
    concurrency: benchmark.concurrency ?? 10,
    warmup: benchmark.warmup ?? true,
    until: benchmark.until ?? "runs",
    maxSeconds: benchmark.maxSeconds ?? 600,
    nextPayload: generator ?? draw,
  };
}
