import { expect } from "@jest/globals";
import { startFakeEngine, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { type Obedient, startObedient } from "../harness/start-obedient.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

const statusOf = {
  succeeds: "Success",
  fails: "Error",
  breaks: "Error",
  leaves: "Cancelled",
  refused: "Rejected",
} as const;

type Ending = keyof typeof statusOf;

interface Sent {
  id: number;
  ending: Ending;
  cost: number;
}

/** Sends one request, and waits until its client has heard its end, or has left. */
async function sendOne({ seen, worker }: Obedient, { cost, ending, id }: Sent): Promise<void> {
  const leave = new AbortController();
  const sent = worker
    .send(
      ending === "refused" ? "/serial-a" : "/parallel",
      { kind: ending === "leaves" ? "held" : ending, cost, id },
      { auth: worker.authData({ request_idx: id, reqnum: id }), signal: leave.signal },
    )
    .then((response) => response.text())
    .catch(() => "");
  if (ending === "leaves") {
    await until(() => seen.some((payload) => payload.id === id));
    leave.abort();
  }
  await sent;
}

const sumOf = (sent: readonly Sent[], ...endings: readonly Ending[]): number =>
  sent.filter(({ ending }) => endings.includes(ending)).reduce((sum, { cost }) => sum + cost, 0);

verifies(
  ["F1", "D37", "D42"],
  "reports every unit once, to an engine that is slow and fails every other time",
  async () => {
    const obedient = await startObedient(cleanUp);
    const { release, seen, worker } = obedient;
    const { engine } = worker;
    // 70 s of work: while it is held, whatever won't wait a minute is refused.
    const parked = { id: 1, ending: "succeeds", cost: 70_000 } as const;
    const parking = worker.send(
      "/parallel",
      { kind: "held", cost: parked.cost },
      { auth: worker.authData({ request_idx: parked.id, reqnum: parked.id }) },
    );
    await until(() => seen.length === 1);
    let calls = 0;
    engine.faults.delayMs = 300;
    engine.faults.fails = () => {
      calls += 1;
      return calls % 2 === 1;
    };
    const acceptedBefore = engine.statuses.length;
    const sent: Sent[] = [parked];
    for (let wave = 0; engine.statuses.length < acceptedBefore + 4 && wave < 50; wave += 1) {
      const callsBefore = calls;
      const requests = (["succeeds", "fails", "breaks", "leaves", "refused"] as const).map((ending, index) => {
        const id = 1 + sent.length + index;
        return { id, ending, cost: id };
      });
      sent.push(...requests);
      await Promise.all(requests.map((request) => sendOne(obedient, request)));
      await until(() => calls > callsBefore, { timeoutMs: 20_000, what: () => "another report" });
    }
    engine.faults.fails = () => false;
    release();
    await parking;
    // What was cancelled is taken off what comes in later: let enough come in.
    const last = { id: 1 + sent.length, ending: "succeeds", cost: sumOf(sent, "leaves") } as const;
    sent.push(last);
    await sendOne(obedient, last);

    await until(() => engine.deletions.length >= sent.length && engine.statuses.at(-1)?.cur_load === 0, {
      timeoutMs: 20_000,
      what: () => `${sent.length} deletes; there are ${engine.deletions.length}`,
    });
    await until(() => engine.sum("cur_perf") >= sumOf(sent, "succeeds"), { timeoutMs: 20_000 });
    expect(sent.length).toBeGreaterThan(20);
    expect({
      served: engine.sum("cur_perf"),
      received: engine.sum("new_load"),
      rejected: engine.sum("rej_load"),
      distinct: engine.statuses.at(-1)?.num_requests_recieved,
    }).toEqual({
      served: sumOf(sent, "succeeds"),
      received: sumOf(sent, "succeeds", "fails", "breaks"),
      rejected: sumOf(sent, "refused"),
      distinct: sent.length,
    });
    const ends = Object.fromEntries(engine.deletions.map(({ request_idx, status }) => [request_idx, status]));
    expect(engine.deletions).toHaveLength(sent.length);
    expect(ends).toEqual(Object.fromEntries(sent.map(({ ending, id }) => [id, statusOf[ending]])));
    expect(await worker.metric("pyworker_requests_total")).toBe(sent.length);
  },
);

verifies(["F2"], "serves on while no engine is there, and tells all of it when one is back", async () => {
  const [other, engine] = await Promise.all([startFakeEngine(), startFakeEngine()]);
  cleanUp(() => engine.close());
  const { worker } = await startObedient(cleanUp, { engine, env: { REPORT_ADDR: `${engine.url},${other.url}` } });
  await Promise.all([engine.close(), other.close()]);
  const memoryBefore = await worker.metric("process_resident_memory_bytes");
  const count = 5000;
  const body = envelopes(worker, { first: 1, payload: () => ({ cost: 3 }) });
  const answers = await postMany({ url: worker.url, count, concurrency: 16, route: () => "/parallel", body });
  const memory = await worker.metric("process_resident_memory_bytes");
  expect(answers).toEqual(new Map([[200, count]]));
  expect(memory - memoryBefore).toBeLessThan(128 * 2 ** 20);
  expect(engine.deletions).toHaveLength(0);
  await engine.listen();
  await until(() => engine.deletions.length >= count && engine.sum("cur_perf") >= 3 * count, {
    timeoutMs: 40_000,
    what: () => `all reports; there are ${engine.deletions.length} deletes, ${engine.sum("cur_perf")} served`,
  });
  expect(new Set(engine.deletions.map(({ request_idx }) => request_idx)).size).toBe(count);
  expect(engine.deletions).toHaveLength(count);
  expect([engine.sum("cur_perf"), engine.sum("new_load")]).toEqual([3 * count, 3 * count]);
  expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_recieved: count });
});

verifies(["D41"], "keeps its figures when every request has the same reqnum", async () => {
  const { release, seen, worker } = await startObedient(cleanUp);
  const { engine } = worker;
  const auth = () => worker.authData({ request_idx: 7, reqnum: 7 });
  const sent = [1, 2, 3, 4].map((cost) => worker.send("/parallel", { kind: "held", cost }, { auth: auth() }));
  await until(() => seen.length === 4);
  const busy = await engine.status(({ num_requests_working }) => num_requests_working === 4);
  expect(busy).toMatchObject({ cur_load: 10, num_requests_recieved: 1, working_request_idxs: [7, 7, 7, 7] });
  release();
  await Promise.all(sent);
  await until(() => engine.sum("cur_perf") === 10 && engine.deletions.length === 4);
  expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_working: 0, num_requests_recieved: 1 });
});
