import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "@jest/globals";
import { type FakeEngine, type ReportBody, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { said, statusAfter } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();
const { startEngine, startModel, startWorker } = createStarters();
const program = "every-feature";
const startOkModel = () => startModel((_request, response) => response.end("{}"));
const isReady = ({ max_perf }: ReportBody): boolean => Number(max_perf) > 0;
const hasServed = ({ cur_perf }: ReportBody): boolean => Number(cur_perf) > 0;

verifies(
  ["env/report-addresses", "report/failover"],
  "tries each engine three times in their order, until one accepts",
  async () => {
    const model = await startOkModel();
    const [first, second] = [await startEngine(), await startEngine()];
    let refused = 0;
    first.faults.fails = () => {
      refused += 1;
      return true;
    };
    const worker = await startWorker({
      program,
      modelUrl: model.url,
      engine: second,
      env: { REPORT_ADDR: `${first.url}/, ${second.url}` },
    });
    await second.status(() => true);
    expect([refused, first.statuses.length]).toEqual([3, 0]);
    const request_idx = 90_001;
    expect((await worker.send("/parallel", {}, { auth: worker.authData({ request_idx }) })).status).toBe(503);
    await until(() => second.deletions.some((deletion) => deletion.request_idx === request_idx));

    delete first.faults.fails;
    await statusAfter(first, () => worker.log("LOADED"), isReady);
    const before = second.statuses.length;
    await statusAfter(first, () => worker.send("/parallel", {}), hasServed);
    expect(second.statuses).toHaveLength(before);
  },
);

verifies(["D13", "D14"], "checks signatures by the keys of all engines, and by a new one when it rotates", async () => {
  const model = await startOkModel();
  const [first, second] = [await startEngine(), await startEngine()];
  const worker = await startWorker({
    program,
    modelUrl: model.url,
    engine: first,
    env: { REPORT_ADDR: `${first.url},${second.url}` },
  });
  await worker.becomeReady();
  const statusOf = async (engine: FakeEngine) =>
    (await worker.send("/parallel", {}, { auth: engine.signer.authData(worker.url) })).status;
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
  const old = second.signer.authData(worker.url);
  second.rotateKey();
  expect([await statusOf(second), await statusOf(first)]).toEqual([200, 200]);
  expect((await worker.send("/parallel", {}, { auth: old })).status).toBe(401);
});

verifies(["D40"], "keeps no deletes for the console's address, which takes none", async () => {
  const model = await startOkModel();
  const { asked, proxyUrl } = await startProxy();
  const worker = await startWorker({
    program,
    modelUrl: model.url,
    env: {
      UNSECURED: "true",
      REPORT_ADDR: "https://cloud.vast.ai/api/v0",
      HTTPS_PROXY: proxyUrl,
      NODE_USE_ENV_PROXY: "1",
    },
  });
  await until(() => asked.length > 0);
  expect(new Set(asked)).toEqual(new Set(["cloud.vast.ai:443"]));
  await worker.log("LOADED");
  await until(async () => (await worker.post("/parallel", {})).ok);
  for (let count = 0; count < 20; count += 1) {
    expect((await worker.post("/parallel", {})).status).toBe(200);
  }
  await until(async () => (await worker.metric("pyworker_pending_deletes")) === 0);
  expect(await succeeded(worker)).toBe(21);
  await said(worker, "the engine can't be reached");
});

const succeeded = (worker: WorkerUnderTest) => worker.metric("pyworker_requests_total", { outcome: "success" });

/** A proxy that notes which hosts it is asked for and lets nobody through: nothing of a test must leave this machine. */
async function startProxy(): Promise<{ asked: string[]; proxyUrl: string }> {
  const asked: string[] = [];
  const server = createServer().on("connect", ({ url }, socket) => {
    asked.push(url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => new Promise((resolve) => server.close(resolve)));
  return { asked, proxyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
