import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { type ReportBody, until } from "@pyworker/testing";
import type { startModel } from "../harness/start-model.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { inState, isIn, statusAfter } from "../harness/wait-for.ts";

const starters = createStarters();
/** As workers/every-feature.ts has it: one warm-up, then so many rounds of so many requests of such a cost. */
const [rounds, atOnce, cost] = [2, 4, 50];
const wholeBenchmark = 1 + rounds * atOnce;

const isReady = ({ max_perf }: ReportBody): boolean => Number(max_perf) > 0;
const isErrored = ({ error_msg }: ReportBody): boolean => error_msg !== "";

/** A worker that is about to measure, before a model that answers its n-th request (from 0) so. */
async function startMeasuring(
  answer: (index: number, response: Parameters<Parameters<typeof startModel>[0]>[1]) => unknown,
  env: Readonly<Record<string, string>> = {},
) {
  const model = await starters.startModel((request, response) => answer(model.requests.indexOf(request), response));
  const worker = await starters.startWorker({ program: "every-feature", modelUrl: model.url, savedPerf: null, env });
  await worker.log("LOADED");
  return { model, worker };
}

verifies(
  ["benchmark/figure", "D8", "D9"],
  "measures the best round's work over its time, with bodies read to the end, after a warm-up",
  async () => {
    let answered = 0;
    let answeredBeforeSecond: number | undefined;
    const { model, worker } = await startMeasuring(async (index, response) => {
      answeredBeforeSecond ??= index === 1 ? answered : undefined;
      // The first round takes five times as long as the second, and all of it for the bodies.
      response.write("the head and a part");
      await sleep(index === 0 ? 0 : index <= atOnce ? 5000 : 1000);
      response.end("and the rest");
      answered += 1;
    });
    const { max_perf: perf } = await worker.engine.status(isReady);
    expect(model.requests).toHaveLength(wholeBenchmark);
    expect(answeredBeforeSecond).toBe(1);
    const [slow, fast] = [(atOnce * cost) / 5, (atOnce * cost) / 1];
    expect(perf).toBeLessThanOrEqual(fast);
    expect(perf).toBeGreaterThan((slow + fast) / 2);
    const prompts = model.requests.map(({ body }) => JSON.parse(body.toString()).prompt);
    expect(new Set(prompts).size).toBe(wholeBenchmark);
  },
);

verifies(["benchmark/figure", "D9"], "counts the successes of a round in which some requests fail", async () => {
  const { model, worker } = await startMeasuring(async (index, response) => {
    await sleep(200);
    if (index % 2 === 1) {
      response.destroy();
    } else {
      response.writeHead(index === 4 ? 500 : 200).end("{}");
    }
  });
  const { error_msg: error, max_perf: perf } = await worker.engine.status(isReady);
  expect(error).toBe("");
  expect(model.requests.length).toBeGreaterThanOrEqual(wholeBenchmark);
  expect(perf).toBeLessThanOrEqual((2 * cost) / 0.2);
});

verifies(
  ["benchmark/failed", "D9"],
  "is errored, with what went wrong, when no request of a round succeeds",
  async () => {
    const { model, worker } = await startMeasuring((index, response) =>
      response.writeHead(index === 0 ? 200 : 507).end(),
    );
    const status = await worker.engine.status(isErrored);
    expect(status).toMatchObject({ error_msg: "No successful responses from benchmark: status 507", max_perf: 0 });
    expect(model.requests).toHaveLength(1 + atOnce);
    expect((await worker.send("/parallel", {})).status).toBe(503);
    await expect(readFile(join(worker.folder, "has_benchmark"))).rejects.toThrow("ENOENT");
  },
);

verifies(["benchmark/true-cost"], "counts what answers really cost, and none that failed", async () => {
  const trueCost = 4;
  const { worker } = await startMeasuring(async (index, response) => {
    await sleep(200);
    const failed = index % 2 === 1 ? { "x-failed": "it ends in an error" } : {};
    response.writeHead(200, { "x-true-cost": trueCost, ...failed }).end("{}");
  });
  const { max_perf: perf } = await worker.engine.status(isReady);
  expect(perf).toBeLessThanOrEqual((2 * trueCost) / 0.2);
});

verifies(["benchmark/true-cost"], "is errored when every answer failed, with its handler's reason", async () => {
  const { worker } = await startMeasuring((_index, response) =>
    response.writeHead(200, { "x-failed": "it ends in an error" }).end("{}"),
  );
  const { error_msg: error } = await worker.engine.status(isErrored);
  expect(error).toBe("No successful responses from benchmark: status 200, but it ends in an error");
});

verifies(["D7"], "reads error lines during the benchmark", async () => {
  const { model, worker } = await startMeasuring(() => undefined);
  await until(() => model.requests.length > 0);
  await inState(worker, "benchmarking");
  const status = await statusAfter(worker.engine, () => worker.log("FATAL"), isErrored);
  expect(status).toMatchObject({ error_msg: "FATAL", max_perf: 0 });
  await until(() => model.requests.every(({ abortedAt }) => abortedAt !== undefined));
  expect(await isIn(worker, "errored")).toBe(true);
});

verifies(["D7"], "comes to a verdict when the benchmark hangs", async () => {
  const { worker } = await startMeasuring(() => undefined, { BENCHMARK_MAX_SECONDS: "1" });
  const status = await worker.engine.status(isErrored);
  expect(status.error_msg).toContain("the benchmark took longer than 1 s");
});

verifies(["D11"], "heeds warmup: false", async () => {
  const { model, worker } = await startMeasuring((_index, response) => response.end(), { BENCHMARK_WARMUP: "false" });
  await worker.engine.status(isReady);
  expect(model.requests).toHaveLength(rounds * atOnce);
});

verifies(["D11", "env/errors-at-once"], "names all that is wrong with its handlers, and reports it", async () => {
  const worker = await starters.startWorker({ program: "misconfigured" });
  const { error_msg: message } = await worker.engine.status(isErrored);
  for (const fault of [
    "handler /generate: expected its benchmark to have a generator or a dataset, found neither",
    "handler /session/mine: expected its benchmark to have a generator or a dataset, found neither",
    "handler /session/mine: expected a route",
    "handler /session/mine: expected its benchmark's runs",
    "handler /generate: expected one handler for a route, found two",
    "handler /generate: expected maxQueueTime to be null or seconds, 0 or more, found -1",
    "handler /generate: expected allowParallelRequests to be true, false or a positive whole number, found 0",
    "benchmark: expected exactly one handler with a benchmark, found /generate and /session/mine",
    "maxSessions: expected null or a whole number, 0 or more, found -1",
  ]) {
    expect(message).toContain(fault);
  }
});

verifies(
  ["benchmark/saved", "D10"],
  "uses a saved figure for what it was measured for, and for that alone",
  async () => {
    const file = join(await starters.makeFolder(), "has_benchmark");
    const first = await startMeasuring((_index, response) => response.end(), { BENCHMARK_FILE: file });
    const { max_perf: measured } = await first.worker.engine.status(isReady);
    const [figure, purpose = ""] = (await readFile(file, "utf8")).trim().split("\n");
    expect(Number(figure)).toBe(measured);

    const { model, worker } = await startMeasuring((_index, response) => response.end(), { BENCHMARK_FILE: file });
    expect(await worker.engine.status(isReady)).toMatchObject({ max_perf: measured });
    expect(model.requests).toHaveLength(0);

    /** Loads again with this file; what it then offers, and how many requests it took to know. */
    const loadWith = async (content: string): Promise<{ content: string; perf: unknown; requests: number }> => {
      await writeFile(file, content);
      const before = model.requests.length;
      await statusAfter(worker.engine, () => worker.log("FATAL"), isErrored);
      const { max_perf: perf } = await statusAfter(worker.engine, () => worker.log("LOADED"), isReady);
      return { content, perf, requests: model.requests.length - before };
    };
    for (const content of ["123.5", "123.5\n", `123.5\n${purpose}\n`]) {
      expect(await loadWith(content)).toEqual({ content, perf: 123.5, requests: 0 });
    }
    const other = JSON.stringify({ ...JSON.parse(purpose), backend: "other" });
    for (const content of ["", "\n", "many", "-1", "NaN", `123.5\n${other}\n`, "123.5\n{"]) {
      const { perf, requests } = await loadWith(content);
      expect({ content, requests }).toEqual({ content, requests: wholeBenchmark });
      expect(perf).not.toBe(123.5);
      expect(await readFile(file, "utf8")).toBe(`${perf}\n${purpose}\n`);
    }
  },
);
