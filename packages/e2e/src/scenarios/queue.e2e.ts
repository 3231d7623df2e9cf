import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ReportBody, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { reported, startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
let worker: WorkerUnderTest;
let model: Model;
/** Answers that the model still owes, in the order of arrival. */
let owed: { body: string; answer(status?: number, headers?: Record<string, string>): void }[] = [];

beforeAll(async () => {
  model = await startModel(({ body }, response) => {
    owed.push({
      body: body.toString(),
      answer: (status = 200, headers = {}) => {
        if (!response.headersSent) {
          response.writeHead(status, headers).end("done");
        }
      },
    });
  });
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url, savedPerf: "100" });
  cleanUp(() => worker.stop());
  await worker.log("LOADED");
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
});

beforeEach(() => {
  owed = [];
});

const names = () => owed.map(({ body }) => JSON.parse(body).name);
const arrivals = (count: number) => until(() => owed.length === count, { what: () => `${count}, got ${owed.length}` });

/** Answers whatever comes, until all these requests are over. */
async function finish(requests: readonly Promise<Response>[]): Promise<Response[]> {
  const answerAll = setInterval(() => owed.forEach(({ answer }) => void answer()), 5);
  try {
    return await Promise.all(requests);
  } finally {
    clearInterval(answerAll);
  }
}

verifies(
  ["queue/fifo", "D27"],
  "serves serial handlers one at a time, first in first out, across all of them",
  async () => {
    const routes = ["/serial-a", "/serial-b", "/serial-a", "/serial-b"];
    const sent: Promise<Response>[] = [];
    for (const [index, route] of routes.entries()) {
      sent.push(worker.send(route, { name: index }));
      await until(async () => (await worker.metric("pyworker_requests_in_progress")) === index + 1);
    }
    for (const count of [1, 2, 3, 4]) {
      await arrivals(count);
      owed.at(-1)?.answer();
    }
    await Promise.all(sent);
    expect(names()).toEqual([0, 1, 2, 3]);
  },
);

verifies(["queue/leave", "F3"], "takes a client that left while it waited out of the queue", async () => {
  const first = worker.send("/serial-a", { name: "first" });
  await arrivals(1);
  const leave = new AbortController();
  const left = worker.send("/serial-a", { name: "left" }, { signal: leave.signal }).catch(() => "left");
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 2);
  const third = worker.send("/serial-b", { name: "third" });
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 3);
  leave.abort();
  await left;
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 2);
  owed[0]?.answer();
  await arrivals(2);
  owed[1]?.answer();
  await Promise.all([first, third]);
  expect(names()).toEqual(["first", "third"]);
});

verifies(["queue/parallel"], "forwards parallel requests at once", async () => {
  const sent = Array.from({ length: 20 }, (_, name) => worker.send("/parallel", { name }));
  await arrivals(20);
  expect((await finish(sent)).every(({ ok }) => ok)).toBe(true);
});

verifies(["queue/number"], "lets as many through at a time as the handler says", async () => {
  const sent = Array.from({ length: 5 }, (_, name) => worker.send("/two-at-a-time", { name }));
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 5);
  await arrivals(2);
  owed[0]?.answer();
  await arrivals(3);
  expect(await worker.metric("pyworker_requests_in_progress")).toBe(4);
  await finish(sent);
  expect(owed).toHaveLength(5);
});

verifies(
  ["queue/max-wait", "D27"],
  "refuses what would wait longer than maxQueueTime, and says when to come again",
  async () => {
    // At 100 per second this is 70 s of work: more than a serial handler's 60.
    const long = worker.send("/parallel", { name: "long", cost: 7000 });
    await until(async () => (await worker.metric("pyworker_load")) === 7000);
    await arrivals(1);
    const refused = await worker.send("/serial-a", { name: "refused" });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("70");
    expect(await refused.json()).toEqual({ error: expect.stringContaining("maxQueueTime") });
    const patient = worker.send("/parallel", { name: "never refused" });
    await arrivals(2);
    await finish([long, patient]);
    expect(names()).toEqual(["long", "never refused"]);
  },
);

verifies(
  ["queue/deadline", "D27"],
  "answers 429 to a request that is still waiting when its time is over",
  async () => {
    const first = worker.send("/serial-a", { name: "first", cost: 1 });
    await arrivals(1);
    const late = await worker.send("/impatient", { name: "late", cost: 1 });
    expect(late.status).toBe(429);
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    await finish([first]);
    expect(names()).toEqual(["first"]);
  },
);

verifies(
  ["queue/fallback-workload"],
  "counts 100 for a workload that throws or is negative, and says so once",
  async () => {
    await reported(worker);
    const before = worker.engine.sum("cur_perf");
    await finish([worker.send("/bad-workload", {}), worker.send("/bad-workload", { cost: 5 })]);
    await until(() => worker.engine.sum("cur_perf") === before + 200, {
      what: () => `200 served, got ${worker.engine.sum("cur_perf") - before}`,
    });
    expect(worker.process.output().match(/workload is not a number/g)).toHaveLength(1);
  },
);

verifies(["queue/settle"], "books the true cost once it is known", async () => {
  await reported(worker);
  const { engine } = worker;
  const before = { received: engine.sum("new_load"), served: engine.sum("cur_perf") };
  const sent = worker.send("/settle", { cost: 500 });
  await arrivals(1);
  await engine.status(({ cur_load }) => cur_load === 500);
  owed[0]?.answer(200, { "x-true-cost": "720" });
  await sent;
  await until(() => engine.sum("cur_perf") === before.served + 720);
  await until(() => engine.sum("new_load") === before.received + 720);
  expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_working: 0 });
});

verifies(["queue/outcomes", "D19", "D20"], "tells the engine how each request ended", async () => {
  const idx = { ok: 70_001, failed: 70_002, gone: 70_003, refused: 70_004 };
  const auth = (request_idx: number) => worker.authData({ request_idx });
  await reported(worker);
  const before = worker.engine.sum("cur_perf");
  const ok = worker.send("/parallel", { cost: 11 }, { auth: auth(idx.ok) });
  const failed = worker.send("/parallel", { cost: 13 }, { auth: auth(idx.failed) });
  await arrivals(2);
  const leave = new AbortController();
  const gone = worker.send("/parallel", { cost: 7000 }, { auth: auth(idx.gone), signal: leave.signal }).catch(() => "");
  await arrivals(3);
  expect((await worker.send("/serial-a", {}, { auth: auth(idx.refused) })).status).toBe(429);
  owed.find(({ body }) => body.includes("11"))?.answer();
  owed.find(({ body }) => body.includes("13"))?.answer(503);
  expect((await ok).status).toBe(200);
  expect((await failed).status).toBe(503);
  leave.abort();
  await gone;
  const ended = (request_idx: number): Promise<ReportBody> =>
    until(() => worker.engine.deletions.find((deletion) => deletion.request_idx === request_idx));
  expect(await ended(idx.ok)).toMatchObject({ status: "Success", success: true });
  expect(await ended(idx.failed)).toMatchObject({ status: "Error", success: false });
  expect(await ended(idx.refused)).toMatchObject({ status: "Rejected", success: false });
  const cancelled = await ended(idx.gone);
  expect(cancelled).toMatchObject({ status: "Cancelled", success: true });
  expect(Number(cancelled.work_completed_at)).toBeGreaterThanOrEqual(Number(cancelled.work_started_at));
  await until(() => worker.engine.sum("cur_perf") === before + 11);
});
