import { type BenchmarkAnswer, benchmarkConcurrency, runBenchmark } from "./benchmark.ts";
import { createBenchmarkCache } from "./benchmark-cache.ts";
import { encodeBody } from "./http/forward.ts";
import { estimateWorkload } from "./http/handle-request.ts";
import { type HeaderFields, modelRequestHeaders } from "./http/headers.ts";
import type { Services } from "./http/services.ts";
import { stringifyJson } from "./json.ts";
import type { ServeContext } from "./serve-context.ts";

/** The worker's throughput: as measured before for the same, or measured now. Throws BenchmarkError. */
export async function runMeasurement(services: Services, signal: AbortSignal): Promise<number> {
  const { clock, config, log } = services;
  const { backend, benchmarkHandler: handler, environment, model = "", workloadUnit } = config;
  const { benchmark } = handler;
  if (benchmark === undefined) {
    throw new Error("the benchmark's handler has no benchmark");
  }
  const { runs, until } = benchmark;
  const concurrency = benchmarkConcurrency(benchmark, handler.allowParallelRequests);
  const measuredFor = { backend, model, workloadUnit, route: handler.route, runs, concurrency, until };
  const cache = createBenchmarkCache({ path: environment.BENCHMARK_FILE, measuredFor, log });
  const saved = await cache.read();
  if (saved !== undefined) {
    log.info({ perf: saved }, "using the saved benchmark");
    return saved;
  }
  const perf = await runBenchmark({
    benchmark,
    concurrency,
    send: (payload, active) => sendBenchmarkRequest(services, payload, active),
    clock,
    log,
    signal,
  });
  log.info({ perf }, "benchmark complete");
  await cache.write(perf);
  return perf;
}

/**
 * Sends one benchmark payload the way a client's request would go, and reads the answer to its end: a status line alone
 * proves nothing. Its workload is what the handler settles, or else its estimate. Throws where the payload fails its own schema or the model server can't be reached.
 */
async function sendBenchmarkRequest(
  services: Pick<Services, "config" | "log" | "model">,
  payload: unknown,
  signal: AbortSignal,
): Promise<BenchmarkAnswer> {
  const { benchmarkHandler: handler, environment } = services.config;
  const prepared = handler.prepare(payload);
  if ("problems" in prepared) {
    throw new Error(
      `the benchmark's payload fails the schema of ${handler.route}: ${JSON.stringify(prepared.problems)}`,
    );
  }
  const workload = estimateWorkload(services, handler, prepared);
  const answer: BenchmarkAnswer = { status: 200, workload };
  const settle = (actual: number) => {
    answer.workload = Number.isFinite(actual) && actual >= 0 ? actual : answer.workload;
  };
  if (handler.kind === "execute") {
    await prepared.execute({ signal, progress: () => {}, settle });
    return answer;
  }
  if (prepared.serve !== undefined) {
    const { body, status = 200 } = await prepared.serve(inPrivate({ signal, settle }));
    return { ...answer, status, failure: status === 200 ? undefined : messageIn(body) };
  }
  const headers: HeaderFields = modelRequestHeaders({}, environment.MODEL_API_KEY);
  headers["content-type"] = "application/json";
  const body = (await encodeBody(prepared, headers)) ?? stringifyJson(payload);
  const fail = (reason: string) => {
    answer.failure ??= reason;
  };
  const watcher = prepared.watch({ workload, settle, remaining: () => {}, fail, signal });
  await services.model.post(
    { path: handler.modelRoute, headers, body, signal },
    {
      head: (status, modelHeaders) => {
        answer.status = status;
        watcher?.head?.(status, modelHeaders);
      },
      data: (chunk) => {
        watcher?.chunk(chunk);
        return true;
      },
      end: () => {
        watcher?.end?.();
      },
    },
  );
  return answer;
}

const messageIn = (body: unknown): string | undefined =>
  typeof body === "object" && body !== null && "message" in body ? String(body.message) : undefined;

/** What `serve` is given where nobody hears its answer, and nobody else waits. */
const inPrivate = (hooks: Pick<ServeContext, "signal" | "settle">): ServeContext => ({
  ...hooks,
  headers: {},
  turn: async () => {},
  release: () => {},
  remaining: () => {},
  answer: () => {},
  events: () => ({ send: () => {}, isCongested: false }),
});
