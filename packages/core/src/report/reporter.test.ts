import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type FakeEngine, manualClock, pick, seededRandom, startFakeEngine, until } from "@pyworker/testing";
import { collectLog } from "../collected-log.test.fixture.ts";
import { Ledger, type LedgerEntry, type Outcome } from "../ledger.ts";
import { createEngineClient, type EngineClient } from "./engine-client.ts";
import { createReporter } from "./reporter.ts";
import { deleteRequestsSchema, workerStatusSchema } from "./wire.ts";

const identity = { id: 7, mtoken: "master", version: "1.1.0", url: "http://1.2.3.4:40123" };
const outcomes: [Outcome, ...Outcome[]] = ["Success", "Error", "Cancelled", "Rejected"];

let fakeEngine: FakeEngine;
beforeAll(async () => {
  fakeEngine = await startFakeEngine();
});
beforeEach(() => {
  fakeEngine.statuses.splice(0);
  fakeEngine.deletions.splice(0);
  fakeEngine.faults.delayMs = 0;
  fakeEngine.faults.fails = () => false;
});
afterAll(() => fakeEngine.close());

function setUp(given?: EngineClient) {
  const clock = manualClock();
  const { lines, log } = collectLog();
  const engine = given ?? createEngineClient({ addresses: [fakeEngine.url], log, gapMilliseconds: 1 });
  const ledger = new Ledger(clock, () => reporter.touch());
  const state = { loadTime: 0, perf: 0, errorMessage: "" };
  const reporter = createReporter({ identity, engine, ledger, state: () => state, clock, log });
  let reqnum = 0;
  const request = (workload: number) => {
    reqnum += 1;
    return { requestIdx: 1000 + reqnum, reqnum, workload, kind: "request" as const };
  };
  /** Both loops wait for their next tick. */
  const idle = () => until(() => clock.waiting === 2, { what: () => "the reporter to have nothing in flight" });
  const second = async () => {
    await idle();
    clock.advance(1000);
    await idle();
  };
  const start = async () => {
    reporter.start();
    await idle();
  };
  const stop = async () => {
    const stopped = reporter.stop(60_000).then(() => true);
    await until(() => {
      clock.advance(100);
      return Promise.race([stopped, new Promise<false>((resolve) => setImmediate(resolve, false))]);
    });
  };
  return { clock, idle, ledger, lines, reporter, request, second, start, state, stop };
}

const last = () => fakeEngine.statuses.at(-1);

describe("status reports", () => {
  test("tell who and how the worker is, in the engine's own words", async () => {
    const { ledger, request, second, start, state } = setUp();
    await start();
    expect(workerStatusSchema.strict().parse(last())).toMatchObject({ ...identity, loadtime: 0, max_perf: 0 });
    const entry = ledger.open(request(8));
    ledger.open(request(5));
    ledger.reject(request(2));
    ledger.close(entry, "Success");
    Object.assign(state, { loadTime: 12.5, perf: 300, errorMessage: "out of memory" });
    await second();
    expect(last()).toMatchObject({
      loadtime: 12.5,
      cur_load: 5,
      new_load: 13,
      cur_perf: 8,
      rej_load: 2,
      max_perf: 300,
      error_msg: "out of memory",
      num_requests_working: 1,
      working_request_idxs: [1002],
      num_requests_recieved: 3,
      cur_capacity: 0,
      max_capacity: 0,
    });
    expect(Number(last()?.disk_usage)).toBeGreaterThan(0);
  });

  test("come a second after a change, and once for many", async () => {
    const { ledger, request, second, start } = setUp();
    await start();
    for (let count = 0; count < 50; count += 1) {
      ledger.reject(request(1));
    }
    await second();
    expect(fakeEngine.statuses).toHaveLength(2);
    expect(last()?.rej_load).toBe(50);
  });

  test("come at least every 10 seconds where nothing changes, and not every second", async () => {
    const { clock, second, start } = setUp();
    await start();
    const times = [clock.now()];
    for (let count = 0; count < 60; count += 1) {
      await second();
      if (fakeEngine.statuses.length > times.length) {
        times.push(clock.now());
      }
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(10);
    expect(times.length).toBeLessThan(10);
  });

  test("come at once when the state changes", async () => {
    const { idle, reporter, start, state } = setUp();
    await start();
    state.perf = 300;
    reporter.notify();
    expect(await fakeEngine.status(({ max_perf }) => max_perf === 300)).toBeDefined();
    await idle();
    expect(fakeEngine.statuses).toHaveLength(2);
  });

  test("come as soon as a slow one is over when the state changes meanwhile", async () => {
    const { idle, reporter, start, state } = setUp();
    await start();
    let isFirst = true;
    fakeEngine.faults.delayMs = 20;
    fakeEngine.faults.fails = () => {
      // The report has left, and its answer is still to come.
      if (isFirst) {
        isFirst = false;
        state.errorMessage = "second";
        reporter.notify();
        reporter.notify();
      }
      return false;
    };
    state.errorMessage = "first";
    reporter.notify();
    // The clock stands still: what comes now comes without a tick.
    await fakeEngine.status(({ error_msg }) => error_msg === "second");
    await idle();
    expect(fakeEngine.statuses.map(({ error_msg }) => error_msg)).toEqual(["", "first", "second"]);
  });

  test("carry the load time until one of them is accepted, and 0 from then on", async () => {
    const { reporter, second, start, state } = setUp();
    await start();
    let refused = 0;
    fakeEngine.faults.fails = () => {
      refused += 1;
      return true;
    };
    state.loadTime = 42;
    reporter.notify();
    await until(() => refused === 3);
    fakeEngine.faults.fails = () => false;
    await second();
    expect(last()?.loadtime).toBe(42);
    reporter.touch();
    await second();
    expect(last()?.loadtime).toBe(0);
    expect(fakeEngine.sum("loadtime")).toBe(42);
  });

  test("carry a load time that comes to be known while one is in flight", async () => {
    const { reporter, second, start, state } = setUp();
    await start();
    fakeEngine.faults.fails = () => {
      state.loadTime = 42;
      return false;
    };
    reporter.touch();
    await second();
    expect(last()?.loadtime).toBe(0);
    reporter.touch();
    await second();
    expect(last()?.loadtime).toBe(42);
  });

  test("keep what happens while one is in flight for the next", async () => {
    const { ledger, request, second, start } = setUp();
    await start();
    const entry = ledger.open(request(8));
    fakeEngine.faults.fails = () => {
      // The body has left already.
      if (fakeEngine.statuses.length === 1 && entry.isOpen) {
        ledger.close(entry, "Success");
        ledger.open(request(5));
        ledger.reject(request(3));
      }
      return false;
    };
    await second();
    expect(last()).toMatchObject({ new_load: 8, cur_perf: 0, rej_load: 0 });
    await second();
    expect(last()).toMatchObject({ new_load: 5, cur_perf: 8, rej_load: 3 });
  });

  test("never overlap, whoever wakes the reporter", async () => {
    let inFlight = 0;
    let most = 0;
    const { clock, idle, reporter } = setUp({
      post: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise(setImmediate);
        inFlight -= 1;
        return true;
      },
    });
    reporter.notify();
    reporter.start();
    for (let count = 0; count < 20; count += 1) {
      reporter.notify();
      clock.advance(1000);
      await new Promise(setImmediate);
    }
    await idle();
    expect(most).toBe(1);
  });
});

describe("deletions", () => {
  test("tell of every request that has ended, in order and once", async () => {
    const { clock, ledger, request, second, start } = setUp();
    await start();
    clock.advance(500);
    for (const outcome of outcomes) {
      const entry = ledger.open(request(1));
      ledger.start(entry);
      ledger.close(entry, outcome);
    }
    await second();
    await second();
    expect(fakeEngine.deletions).toEqual(
      outcomes.map((status, index) => ({
        request_idx: 1001 + index,
        success: status === "Success" || status === "Cancelled",
        status,
        entered_queue_at: 0.5,
        work_started_at: 0.5,
        work_completed_at: 0.5,
      })),
    );
  });

  test("say who tells, and leave out the address that takes none", async () => {
    const posts: { path: string; body: unknown; skip: readonly string[] | undefined }[] = [];
    const { ledger, request, start } = setUp({
      post: async (path, body, options) => {
        posts.push({ path, body: body(), skip: options?.skip });
        return true;
      },
    });
    ledger.reject(request(1));
    await start();
    const deletes = posts.find(({ path }) => path === "delete_requests");
    expect(deleteRequestsSchema.strict().parse(deletes?.body)).toMatchObject({ worker_id: 7, mtoken: "master" });
    expect(deletes?.skip).toEqual(["https://cloud.vast.ai/api/v0"]);
    expect(posts.find(({ path }) => path === "worker_status")?.skip).toBeUndefined();
  });

  test("that come while others are sent wait for the next second", async () => {
    const { ledger, request, second, start } = setUp();
    await start();
    let posts = 0;
    fakeEngine.faults.fails = () => {
      posts += 1;
      ledger.reject(request(1));
      return false;
    };
    ledger.reject(request(1));
    await second();
    // One status, one batch of deletes.
    expect(posts).toBe(2);
    expect(ledger.pendingDeletions).toBe(2);
  });

  test("arrive once each after the engine was down while 100 000 requests passed", async () => {
    const { ledger, request, second, start } = setUp();
    await start();
    await fakeEngine.close();
    for (let count = 0; count < 100_000; count += 1) {
      ledger.close(ledger.open(request(2)), "Success");
      if (count % 20_000 === 0) {
        await second();
      }
    }
    expect(fakeEngine.deletions).toEqual([]);
    await fakeEngine.listen();
    await second();
    expect(fakeEngine.deletions).toHaveLength(100_000);
    expect(fakeEngine.deletions.findIndex(({ request_idx }, index) => request_idx !== 1001 + index)).toBe(-1);
    expect(ledger.pendingDeletions).toBe(0);
    expect(fakeEngine.sum("new_load")).toBe(200_000);
    expect(fakeEngine.sum("cur_perf")).toBe(200_000);
  }, 60_000);
});

test.each([1, 2, 3])(
  "nothing is lost or doubled with a slow engine that fails half the time (%d)",
  async (seed) => {
    const random = seededRandom(seed);
    const { clock, ledger, request, start, stop } = setUp();
    fakeEngine.faults.fails = () => {
      fakeEngine.faults.delayMs = Math.floor(random() * 4);
      return random() < 0.5;
    };
    await start();
    const open: LedgerEntry[] = [];
    const ended: { request_idx: number; status: Outcome }[] = [];
    const truth = { new_load: 0, cur_perf: 0, rej_load: 0 };
    const close = (entry: LedgerEntry) => {
      const status = pick(random, outcomes);
      ledger.close(entry, status);
      ended.push({ request_idx: entry.requestIdx, status });
      truth.new_load += status === "Success" || status === "Error" ? entry.workload : 0;
      truth.cur_perf += status === "Success" ? entry.workload : 0;
      truth.rej_load += status === "Rejected" ? entry.workload : 0;
    };
    for (let step = 0; step < 2000; step += 1) {
      if (random() < 0.6) {
        const entry = ledger.open(request(Math.floor(random() * 1000) / 8));
        open.push(entry);
      }
      if (random() < 0.5) {
        open.splice(Math.floor(random() * open.length), 1).forEach(close);
      }
      if (random() < 0.2) {
        clock.advance(1000);
      }
      await new Promise(setImmediate);
    }
    open.forEach(close);
    // More than all cancellations that were carried over.
    const entry = ledger.open(request(2 ** 20));
    ledger.close(entry, "Success");
    ended.push({ request_idx: entry.requestIdx, status: "Success" });
    truth.new_load += entry.workload;
    truth.cur_perf += entry.workload;
    await stop();
    expect({
      new_load: fakeEngine.sum("new_load"),
      cur_perf: fakeEngine.sum("cur_perf"),
      rej_load: fakeEngine.sum("rej_load"),
    }).toEqual(truth);
    expect(fakeEngine.deletions.map(({ request_idx, status }) => ({ request_idx, status }))).toEqual(ended);
    expect(last()).toMatchObject({ cur_load: 0, num_requests_working: 0, num_requests_recieved: ended.length });
  },
  60_000,
);

describe("stop", () => {
  test("waits for nobody where there is no engine", async () => {
    const { log } = collectLog();
    const { ledger, reporter, request, start } = setUp(createEngineClient({ addresses: [], log }));
    await start();
    ledger.close(ledger.open(request(8)), "Success");
    // The clock stands still.
    await reporter.stop(5000);
    expect(ledger.pendingDeletions).toBe(0);
  });

  test("sends the last state and the last deletes, though the engine fails at first", async () => {
    const { ledger, request, start, state, stop } = setUp();
    await start();
    let left = 8;
    fakeEngine.faults.fails = () => {
      left -= 1;
      return left >= 0;
    };
    ledger.reject(request(3));
    state.errorMessage = "stopping";
    await stop();
    expect(last()).toMatchObject({ error_msg: "stopping", rej_load: 3 });
    expect(fakeEngine.deletions).toHaveLength(1);
  });

  test("reports once more after a report that was in flight", async () => {
    const { reporter, start, state, stop } = setUp();
    await start();
    fakeEngine.faults.delayMs = 50;
    reporter.notify();
    state.errorMessage = "stopping";
    await stop();
    expect(fakeEngine.statuses.filter(({ error_msg }) => error_msg === "stopping").length).toBeGreaterThanOrEqual(1);
    expect(last()?.error_msg).toBe("stopping");
  });

  test("gives up at the deadline, and says what the engine has not heard", async () => {
    const { clock, ledger, lines, reporter, request, start } = setUp();
    await start();
    await fakeEngine.close();
    ledger.reject(request(1));
    const stopped = reporter.stop(5000);
    clock.advance(5000);
    await stopped;
    expect(lines.at(-1)).toMatchObject({ requests: 1 });
    expect(clock.waiting).toBe(0);
    await fakeEngine.listen();
  });

  test("is the end: nothing wakes the reporter again", async () => {
    const { clock, ledger, reporter, request, start, stop } = setUp();
    await start();
    await stop();
    const sent = fakeEngine.statuses.length;
    ledger.reject(request(1));
    reporter.notify();
    clock.advance(60_000);
    await new Promise(setImmediate);
    expect(fakeEngine.statuses).toHaveLength(sent);
    expect(clock.waiting).toBe(0);
  });
});
