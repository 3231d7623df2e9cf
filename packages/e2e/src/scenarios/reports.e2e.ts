import { afterEach, beforeAll, expect } from "@jest/globals";
import { type ReportBody, until } from "@pyworker/testing";
import { deletionSchema, statusSchema } from "../harness/report-schemas.ts";
import { reported, type WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { statusAfter } from "../harness/wait-for.ts";

const { startModel, startWorker } = createStarters();

let worker: WorkerUnderTest;
/** Answers the model still owes, in the order of arrival. */
const owed: (() => void)[] = [];
let nextIdx = 5000;

beforeAll(async () => {
  const model = await startModel((_request, response) => owed.push(() => response.end("{}")));
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  await worker.becomeReady();
});

/** Answers what the model owes by now. */
function answerAll(): void {
  for (const answer of owed.splice(0)) {
    answer();
  }
}

/** What a test that fails leaves behind is none of the next one's business. */
afterEach(async () => {
  const { engine } = worker;
  delete engine.faults.fails;
  delete engine.faults.delayMs;
  await until(async () => {
    answerAll();
    return (await worker.metric("pyworker_requests_in_progress")) === 0;
  });
});

interface Sent {
  idx: number;
  answer: Promise<Response>;
  leave(): void;
}

interface SendOptions {
  idx?: number;
  reqnum?: number;
  route?: string;
}

function send(cost: number, { idx = nextIdx, reqnum = idx, route = "/parallel" }: SendOptions = {}): Sent {
  nextIdx += 1;
  const leave = new AbortController();
  const auth = worker.authData({ request_idx: idx, reqnum });
  const answer = worker.send(route, { cost }, { auth, signal: leave.signal });
  answer.catch(() => undefined);
  return { idx, answer, leave: () => leave.abort() };
}

const atModel = (wanted: number) =>
  until(() => owed.length === wanted, { what: () => `${wanted}, got ${owed.length}` });

/** Answers all that the model owes or will owe, until these requests are over. */
async function finish(...sent: readonly Sent[]): Promise<void> {
  const answering = setInterval(answerAll, 5);
  const answers = await Promise.all(sent.map(({ answer }) => answer)).finally(() => clearInterval(answering));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
}

const isQuiet = ({ num_requests_working }: ReportBody): boolean => num_requests_working === 0;

verifies(["report/load"], "tells what is in progress or waiting, and which requests it is", async () => {
  const { engine } = worker;
  const sent = [
    send(5, { idx: 101, route: "/serial-a" }),
    send(70, { idx: 102, route: "/serial-b" }),
    send(900, { idx: 103 }),
  ];
  await atModel(2);
  const busy = await engine.status(({ cur_load }) => cur_load === 975);
  expect(busy).toMatchObject({ num_requests_working: 3 });
  expect(new Set(busy.working_request_idxs as number[])).toEqual(new Set([101, 102, 103]));
  const quiet = await statusAfter(engine, () => finish(...sent), isQuiet);
  expect(quiet).toMatchObject({ cur_load: 0, working_request_idxs: [] });
});

verifies(
  ["report/received", "D41"],
  "counts distinct reqnums, and keeps figures right when one comes twice",
  async () => {
    const { engine } = worker;
    const before = Number(engine.statuses.at(-1)?.num_requests_recieved);
    const [first, twin, other] = [send(30, { reqnum: 7 }), send(40, { reqnum: 7 }), send(200)];
    await atModel(3);
    const busy = await engine.status(({ cur_load }) => cur_load === 270);
    expect(busy).toMatchObject({ num_requests_working: 3, num_requests_recieved: before + 2 });
    const left = await statusAfter(
      engine,
      () => owed.shift()?.(),
      ({ cur_load }) => [240, 230, 70].includes(Number(cur_load)),
    );
    expect(left).toMatchObject({ num_requests_working: 2 });
    const quiet = await statusAfter(engine, () => finish(first, twin, other), isQuiet);
    expect(quiet).toMatchObject({ cur_load: 0, num_requests_recieved: before + 2 });
  },
);

verifies(["report/deletes"], "deletes every ended request once, though the engine fails every other time", async () => {
  const { engine } = worker;
  let calls = 0;
  engine.faults.fails = () => {
    calls += 1;
    return calls % 2 === 1;
  };
  const startedAt = Date.now() / 1000;
  const sent = Array.from({ length: 10 }, (_, index) => send(1, { route: index % 2 ? "/serial-a" : "/parallel" }));
  await finish(...sent);
  const more = send(1);
  await finish(more);
  const deletionsOf = ({ idx }: Sent) => engine.deletions.filter(({ request_idx }) => request_idx === idx);
  await until(() => [...sent, more].every((one) => deletionsOf(one).length > 0), { timeoutMs: 20_000 });
  const endedAt = Date.now() / 1000;
  await until(() => calls % 2 === 0);
  delete engine.faults.fails;
  for (const one of sent) {
    const [deletion, ...others] = deletionsOf(one);
    expect(others).toEqual([]);
    const { entered_queue_at, success, status, work_completed_at, work_started_at } = deletionSchema.parse(deletion);
    expect({ success, status }).toEqual({ success: true, status: "Success" });
    const times = [startedAt - 0.01, entered_queue_at, work_started_at, work_completed_at, endedAt + 0.01];
    expect(times).toEqual([...times].sort((left, right) => left - right));
  }
  const serial = sent.filter((_, index) => index % 2).map((one) => deletionSchema.parse(deletionsOf(one)[0]));
  const inTurn = serial.sort((left, right) => left.work_started_at - right.work_started_at);
  for (const [index, { work_completed_at }] of inTurn.slice(0, -1).entries()) {
    expect(inTurn[index + 1]?.work_started_at).toBeGreaterThanOrEqual(work_completed_at);
  }
});

verifies(["D37"], "tells in the next report what happens while one is in flight", async () => {
  const { engine } = worker;
  await finish(send(1));
  await reported(worker);
  const before = { served: engine.sum("cur_perf"), received: engine.sum("new_load"), reports: engine.statuses.length };
  engine.faults.delayMs = 500;
  let served = 0;
  while (engine.statuses.length < before.reports + 3) {
    await finish(send(100));
    served += 100;
  }
  delete engine.faults.delayMs;
  await reported(worker);
  expect(engine.sum("cur_perf") - before.served).toBe(served);
  expect(engine.sum("new_load") - before.received).toBe(served);
});

verifies(["D42"], "hides no load when more is cancelled than came in an interval", async () => {
  const { engine } = worker;
  await reported(worker);
  const before = engine.sum("new_load");
  const gone = send(1000);
  await atModel(1);
  await engine.status(({ cur_load }) => cur_load === 1000);
  const small = send(300);
  const left = await statusAfter(
    engine,
    () => gone.leave(),
    ({ cur_load }) => cur_load === 300,
  );
  expect(left).toMatchObject({ num_requests_working: 1 });
  // What was cancelled is taken off what comes in later: let enough come in.
  await finish(small, send(2000));
  await until(() => engine.sum("new_load") === before + 2300, {
    what: () => `2300 received, got ${engine.sum("new_load") - before}`,
  });
  expect(engine.statuses.filter(({ new_load }) => Number(new_load) < 0)).toEqual([]);
});

verifies(["report/metrics"], "tells Prometheus and probes what it tells the engine", async () => {
  const { engine } = worker;
  const probe = async (path: string) => {
    const response = await fetch(worker.internalUrl + path);
    return [response.status, await response.json()];
  };
  const sent = [send(11), send(22)];
  await atModel(2);
  const busy = await engine.status(({ cur_load }) => cur_load === 33);
  expect(await worker.metric("pyworker_load")).toBe(busy.cur_load);
  expect(await worker.metric("pyworker_requests_in_progress")).toBe(busy.num_requests_working);
  expect(await worker.metric("pyworker_max_perf")).toBe(busy.max_perf);
  expect(await probe("/readyz")).toEqual([200, { ready: true, state: "ready" }]);
  await finish(...sent);
  await reported(worker);
  await until(async () => (await worker.metric("pyworker_pending_deletes")) === 0);
  const ended = (outcome: string) => worker.metric("pyworker_requests_total", { outcome });
  const deleted = (status: string) => engine.deletions.filter((deletion) => deletion.status === status).length;
  expect([await ended("success"), await ended("cancelled")]).toEqual([deleted("Success"), deleted("Cancelled")]);
  await statusAfter(
    engine,
    () => worker.log("FATAL"),
    ({ error_msg }) => error_msg === "FATAL",
  );
  expect(await worker.metric("pyworker_max_perf")).toBe(0);
  expect(await probe("/readyz")).toEqual([503, { ready: false, state: "errored", error: "FATAL" }]);
  expect(await probe("/healthz")).toEqual([200, { ok: true }]);
});

verifies(["report/fields"], "sends the contract's fields, in every state it has been in", async () => {
  const { engine } = worker;
  await statusAfter(
    engine,
    () => worker.log("LOADED"),
    ({ max_perf }) => max_perf === 1000,
  );
  await statusAfter(
    engine,
    () => worker.log("FATAL"),
    ({ error_msg }) => error_msg === "FATAL",
  );
  expect(engine.statuses.length).toBeGreaterThan(10);
  for (const status of engine.statuses) {
    expect(statusSchema.safeParse(status).error?.issues ?? []).toEqual([]);
  }
  for (const deletion of engine.deletions) {
    expect(deletionSchema.safeParse(deletion).error?.issues ?? []).toEqual([]);
  }
  expect(engine.statuses.some(({ max_perf }) => max_perf === 1000)).toBe(true);
  expect(engine.statuses.some(({ cur_load }) => Number(cur_load) > 0)).toBe(true);
});
