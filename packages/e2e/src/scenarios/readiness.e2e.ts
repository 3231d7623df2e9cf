import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { type FakeEngine, type ReportBody, until } from "@pyworker/testing";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { inState, isIn, statusAfter } from "../harness/wait-for.ts";

const { makeFolder, startEngine, startModel, startVllmServer, startWorker } = createStarters();
const program = "every-feature";

const isReady = ({ max_perf }: ReportBody): boolean => Number(max_perf) > 0;
/** Milliseconds from now until the engine accepts such a status. */
async function delayOf(engine: FakeEngine, act: () => unknown, predicate: (status: ReportBody) => boolean) {
  const startedAt = performance.now();
  await statusAfter(engine, act, predicate);
  return performance.now() - startedAt;
}

verifies(["start/listen-first", "D3"], "listens and reports while the model loads, and forwards nothing", async () => {
  const model = await startVllmServer();
  const worker = await startWorker({ modelUrl: model.url });
  const status = await worker.engine.status(() => true);
  expect(status).toMatchObject({ max_perf: 0, loadtime: 0, error_msg: "", url: worker.url });
  const payload = { prompt: "hello", max_tokens: 3 };
  const early = await Promise.all([1, 2, 3].map(() => worker.send("/v1/completions", payload)));
  expect(early.map((answer) => answer.status)).toEqual([503, 503, 503]);
  expect(Number(early[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(model.requests).toEqual([]);
  await worker.becomeReady();
  const both = await Promise.all([1, 2].map(() => worker.send("/v1/completions", payload)));
  expect(both.map((answer) => answer.status)).toEqual([200, 200]);
});

verifies(["ready/at-once", "D1", "D2"], "reports ready and errored as soon as it knows", async () => {
  const model = await startModel((_request, response) => response.end());
  const worker = await startWorker({ program, modelUrl: model.url, savedPerf: null });
  await worker.engine.status(() => true);
  // Each comes right behind a report: one that waits for the next of these would take its second.
  const toReady: number[] = [];
  const toErrored: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    await rm(join(worker.folder, "has_benchmark"), { force: true });
    toReady.push(await delayOf(worker.engine, () => worker.log("LOADED"), isReady));
    toErrored.push(
      await delayOf(
        worker.engine,
        () => worker.log("FATAL"),
        ({ error_msg }) => error_msg === "FATAL",
      ),
    );
  }
  expect(Math.min(...toReady)).toBeLessThan(500);
  expect(Math.min(...toErrored)).toBeLessThan(500);
  expect(Math.max(...toReady)).toBeLessThan(5000);
});

verifies(
  ["health/wait", "ready/at-once", "D1"],
  "is ready at the health endpoint's first 200, and not before",
  async () => {
    const model = await startVllmServer({ faults: { healthStatus: 503 } });
    const worker = await startWorker({ modelUrl: model.url });
    await worker.log("Application startup complete.");
    await until(() => model.probes.length >= 10);
    expect(await isIn(worker, "confirming")).toBe(true);
    expect(worker.engine.statuses.filter(isReady)).toEqual([]);
    expect((await worker.send("/v1/completions", { prompt: "hello", max_tokens: 3 })).status).toBe(503);
    const delay = await delayOf(worker.engine, () => model.faults.set({}), isReady);
    expect(delay).toBeLessThan(3000);
  },
);

verifies(["start/load-again"], "measures and confirms again when the model loads again", async () => {
  const model = await startVllmServer();
  const worker = await startWorker({ modelUrl: model.url, savedPerf: "100" });
  await worker.log("Application startup complete.");
  await worker.engine.status(({ max_perf }) => max_perf === 100);
  await writeFile(join(worker.folder, "has_benchmark"), "200");
  model.faults.set({ healthStatus: 503 });
  await statusAfter(
    worker.engine,
    () => worker.log("Application startup complete."),
    ({ error_msg, max_perf }) => max_perf === 0 && error_msg === "",
  );
  await inState(worker, "confirming");
  expect((await worker.send("/v1/completions", { prompt: "hello", max_tokens: 3 })).status).toBe(503);
  await statusAfter(
    worker.engine,
    () => model.faults.set({}),
    ({ max_perf }) => max_perf === 200,
  );
  expect((await worker.send("/v1/completions", { prompt: "hello", max_tokens: 3 })).status).toBe(200);
});

verifies(["ready/loadtime", "D38"], "reports its loadtime until it is accepted once, then 0", async () => {
  const model = await startModel((_request, response) => response.end());
  const startedAt = performance.now();
  const worker = await startWorker({ program, modelUrl: model.url });
  const { engine } = worker;
  await engine.status(() => true);
  let refused = 0;
  engine.faults.fails = () => {
    refused += 1;
    return true;
  };
  await worker.log("LOADED");
  await inState(worker, "ready");
  const seconds = (performance.now() - startedAt) / 1000;
  const refusedWhileReady = refused + 2;
  await until(() => refused >= refusedWhileReady);
  delete engine.faults.fails;
  const told = await engine.status(isReady);
  expect(told.loadtime).toBeGreaterThan(0);
  expect(told.loadtime).toBeLessThanOrEqual(seconds);
  await statusAfter(
    engine,
    () => worker.send("/parallel", {}),
    ({ cur_perf }) => Number(cur_perf) > 0,
  );
  await statusAfter(
    engine,
    () => worker.log("FATAL"),
    ({ error_msg }) => error_msg !== "",
  );
  await statusAfter(engine, () => worker.log("LOADED"), isReady);
  expect(engine.statuses.filter(({ loadtime }) => loadtime !== 0)).toEqual([told]);
});

verifies(["start/hooks"], "lets hooks stand in for a log", async () => {
  const folder = await makeFolder();
  const worker = await startWorker({ program: "with-hooks", env: { HOOKS_FOLDER: folder } });
  await until(() => existsSync(join(folder, "starting")));
  await worker.engine.status(() => true);
  expect((await worker.send("/add", { a: 1, b: 2 })).status).toBe(503);
  await writeFile(join(folder, "loaded"), "");
  await worker.engine.status(isReady);
  expect(await (await worker.send("/add", { a: 1, b: 2 })).json()).toEqual({ result: 3 });
  expect(existsSync(join(folder, "stopped"))).toBe(false);
  expect(await worker.stop()).toBe(0);
  expect(existsSync(join(folder, "stopped"))).toBe(true);
});

verifies(["start/hooks", "D2"], "is errored when the start hook throws", async () => {
  const folder = await makeFolder();
  await Promise.all(["broken", "loaded"].map((name) => writeFile(join(folder, name), "")));
  const worker = await startWorker({ program: "with-hooks", env: { HOOKS_FOLDER: folder } });
  const status = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect(status).toMatchObject({ error_msg: "Lifecycle startup failed: the model is broken", max_perf: 0 });
});

verifies(["start/hooks", "D12"], "waits for the engine's key behind hooks too", async () => {
  const folder = await makeFolder();
  const engine = await startEngine();
  engine.faults.hidesKey = true;
  const worker = await startWorker({ program: "with-hooks", engine, env: { HOOKS_FOLDER: folder } });
  await writeFile(join(folder, "loaded"), "");
  await inState(worker, "confirming");
  expect((await worker.send("/add", { a: 1, b: 2 })).status).toBe(503);
  await statusAfter(
    engine,
    () => {
      engine.faults.hidesKey = false;
    },
    isReady,
  );
  expect(engine.statuses.filter(({ error_msg }) => error_msg !== "")).toEqual([]);
  expect((await worker.send("/add", { a: 1, b: 2 })).status).toBe(200);
});
