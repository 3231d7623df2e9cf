import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "@jest/globals";
import { type ReportBody, until } from "@pyworker/testing";
import type { Model } from "../harness/start-model.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn, statusAfter } from "../harness/wait-for.ts";

const { startModel, startWorker } = createStarters();

/** A ready worker that watches a model's health, which can be told to fail. */
interface Watched {
  worker: WorkerUnderTest;
  model: Model;
  /** How each probe was answered. */
  probes: { ok: boolean; port: number | undefined }[];
  /** Ports of the connections that requests came by. */
  requestPorts: Set<number | undefined>;
  /** So many probes from now on will fail. */
  fail(count: number): void;
}

/** Between two probes of a healthy model; see docs/wire-protocol.md. */
const intervalMs = 10_000;
/** More than three probes take after that, on a machine that is busy. */
const patience = { timeoutMs: intervalMs + 10_000 };

async function startWatched(): Promise<Watched> {
  const probes: Watched["probes"] = [];
  const requestPorts: Watched["requestPorts"] = new Set();
  let failures = 0;
  const model = await startModel(({ url }, response) => {
    const port = response.socket?.remotePort;
    if (url !== "/well") {
      requestPorts.add(port);
      response.end("{}");
      return;
    }
    const ok = failures <= 0;
    failures -= 1;
    probes.push({ ok, port });
    if (ok) {
      response.end();
    } else {
      response.destroy();
    }
  });
  const worker = await startWorker({
    program: "every-feature",
    modelUrl: model.url,
    env: { MODEL_HEALTH_ENDPOINT: "/well" },
  });
  await worker.becomeReady();
  const fail = (count: number) => {
    failures = count;
  };
  return { worker, model, probes, requestPorts, fail };
}

const isReady = ({ max_perf }: ReportBody): boolean => Number(max_perf) > 0;
const isErrored = ({ error_msg }: ReportBody): boolean => error_msg !== "";
let flaky: Watched;
let failing: Watched;

beforeAll(async () => {
  // Both wait for their next probe at the same time.
  [flaky, failing] = await Promise.all([startWatched(), startWatched()]);
  flaky.fail(2);
  failing.fail(Number.POSITIVE_INFINITY);
});

verifies(["D16"], "asks for health on a connection that no request uses", async () => {
  const { probes, requestPorts, worker } = await startWatched();
  for (let count = 0; count < 5; count += 1) {
    expect((await worker.send("/parallel", {})).status).toBe(200);
  }
  const before = probes.length;
  await worker.log("LOADED");
  await until(() => probes.length > before);
  expect(requestPorts.size).toBeGreaterThan(0);
  expect(probes.filter(({ port }) => requestPorts.has(port))).toEqual([]);
});

verifies(["health/threshold", "D16"], "shrugs off two probes that fail", async () => {
  const { probes, worker } = flaky;
  const firstFailure = () => probes.findIndex(({ ok }) => !ok);
  await until(() => firstFailure() !== -1 && probes.length >= firstFailure() + 3, patience);
  expect(probes.slice(firstFailure(), firstFailure() + 3).map(({ ok }) => ok)).toEqual([false, false, true]);
  expect(await isIn(worker, "ready")).toBe(true);
  expect((await worker.send("/parallel", {})).status).toBe(200);
  expect(worker.engine.statuses.filter(isErrored)).toEqual([]);
});

verifies(["health/threshold", "D16"], "is errored after three probes that fail, and says why", async () => {
  const { probes, worker } = failing;
  const status = await worker.engine.status(isErrored, patience.timeoutMs);
  expect(status.error_msg).toMatch(/^health check failed: ./);
  expect(status.max_perf).toBe(0);
  expect(probes.filter(({ ok }) => !ok).length).toBeGreaterThanOrEqual(3);
  expect((await worker.send("/parallel", {})).status).toBe(503);
});

verifies(["health/recovery", "D6"], "measures a model again that is well again, and clears the error", async () => {
  const { fail, worker } = failing;
  await worker.engine.status(isErrored, patience.timeoutMs);
  await writeFile(join(worker.folder, "has_benchmark"), "2000");
  const status = await statusAfter(worker.engine, () => fail(0), isReady);
  expect(status).toMatchObject({ max_perf: 2000, error_msg: "" });
  expect((await worker.send("/parallel", {})).status).toBe(200);
});
