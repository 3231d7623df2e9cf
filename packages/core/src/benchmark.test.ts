import { describe, expect, test } from "@jest/globals";
import { manualClock, until } from "@pyworker/testing";
import { type BenchmarkAnswer, BenchmarkError, benchmarkConcurrency, runBenchmark } from "./benchmark.ts";
import type { ResolvedBenchmark } from "./benchmark-definition.ts";
import { collectLog } from "./collected-log.test.fixture.ts";

type Send = (payload: unknown, signal: AbortSignal) => Promise<BenchmarkAnswer>;

const defaults: ResolvedBenchmark = {
  runs: 3,
  concurrency: 2,
  warmup: false,
  until: "runs",
  maxSeconds: 600,
  nextPayload: undefined,
};

interface SetUp {
  send: Send;
  settings?: Partial<ResolvedBenchmark>;
  concurrency?: number;
}

function setUp({ send, settings = {}, concurrency = 2 }: SetUp) {
  const clock = manualClock();
  const { lines, log } = collectLog();
  const controller = new AbortController();
  let made = 0;
  const benchmark = {
    ...defaults,
    nextPayload: () => {
      made += 1;
      return made;
    },
    ...settings,
  };
  const sent: unknown[] = [];
  const run = () =>
    runBenchmark({
      benchmark,
      concurrency,
      send: (payload, signal) => {
        sent.push(payload);
        return send(payload, signal);
      },
      clock,
      log,
      signal: controller.signal,
    });
  return { clock, controller, lines, run, sent };
}

/** Rounds of two requests; the first of each lets the clock run so many milliseconds. */
function rounds(milliseconds: readonly number[], advance: (milliseconds: number) => void): Send {
  let count = 0;
  return async () => {
    if (count % 2 === 0) {
      advance(milliseconds[count / 2] ?? 0);
    }
    count += 1;
    return { status: 200, workload: 50 };
  };
}

describe("runBenchmark", () => {
  test("takes an answer for none that its handler calls failed", async () => {
    const { run } = setUp({ send: async () => ({ status: 200, workload: 5, failure: "it ends in an error" }) });
    await expect(run()).rejects.toThrow("No successful responses from benchmark: status 200, but it ends in an error");
  });
  test("gives the best round's workload per second", async () => {
    const { clock, run, sent } = setUp({ send: (...request) => send(...request) });
    const send = rounds([1000, 500, 2000], clock.advance);
    expect(await run()).toBe(200);
    expect(sent).toEqual([1, 2, 3, 4, 5, 6]);
    expect(clock.waiting).toBe(0);
  });

  test("sends one request ahead, unmeasured, and warns where it fails", async () => {
    let count = 0;
    const { clock, lines, run, sent } = setUp({
      settings: { warmup: true, runs: 1 },
      send: async () => {
        count += 1;
        clock.advance(count === 1 ? 60_000 : 500);
        return { status: count === 1 ? 503 : 200, workload: 50 };
      },
    });
    expect(await run()).toBe(100);
    expect(sent).toEqual([1, 2, 3]);
    expect(lines[0]).toMatchObject({ reason: "status 503" });
  });

  test("sends a round's requests at once, and the next round's when all have ended", async () => {
    let inFlight = 0;
    const seen: number[] = [];
    const { run } = setUp({
      concurrency: 5,
      send: async () => {
        inFlight += 1;
        seen.push(inFlight);
        await new Promise(setImmediate);
        inFlight -= 1;
        return { status: 200, workload: 1 };
      },
    });
    await run();
    expect(seen).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  test("stops as soon as two rounds agree within 5 %, if asked to", async () => {
    const { clock, run, sent } = setUp({
      settings: { until: "stable", runs: 8 },
      send: (...request) => send(...request),
    });
    const send = rounds([1000, 500, 510, 100], clock.advance);
    expect(await run()).toBe(200);
    expect(sent).toHaveLength(6);
  });

  test("stops after its rounds, where none agree", async () => {
    const { clock, run, sent } = setUp({
      settings: { until: "stable", runs: 3 },
      send: (...request) => send(...request),
    });
    const send = rounds([1000, 500, 250], clock.advance);
    expect(await run()).toBe(400);
    expect(sent).toHaveLength(6);
  });

  test("counts successes only, and goes on where some fail", async () => {
    let count = 0;
    const { clock, run } = setUp({
      settings: { runs: 1 },
      concurrency: 4,
      send: async () => {
        count += 1;
        if (count === 1) {
          clock.advance(1000);
          throw new Error("connection reset");
        }
        return { status: count === 2 ? 500 : 200, workload: 30 };
      },
    });
    expect(await run()).toBe(60);
  });

  test.each([
    [201, "status 201"],
    [204, "status 204"],
    [404, "status 404"],
    [500, "status 500"],
  ])("does not take %d for a success", async (status, reason) => {
    const { run } = setUp({ send: async () => ({ status, workload: 1 }) });
    await expect(run()).rejects.toThrow(new BenchmarkError(`No successful responses from benchmark: ${reason}`));
  });

  test("says of a round without a success what went wrong, each thing once", async () => {
    let count = 0;
    const { run } = setUp({
      concurrency: 4,
      send: async () => {
        count += 1;
        if (count % 2 === 0) {
          throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:18000") });
        }
        return { status: 503, workload: 1 };
      },
    });
    await expect(run()).rejects.toThrow(
      "No successful responses from benchmark: status 503; connect ECONNREFUSED 127.0.0.1:18000",
    );
  });

  test("says so where the payload can't be made", async () => {
    const { run, sent } = setUp({
      settings: {
        nextPayload: () => {
          throw new Error("no dataset");
        },
      },
      send: async () => ({ status: 200, workload: 1 }),
    });
    await expect(run()).rejects.toThrow("No successful responses from benchmark: no dataset");
    expect(sent).toEqual([]);
  });

  test("fails where a later round has no success, though an earlier one had", async () => {
    let count = 0;
    const { run } = setUp({
      send: async () => {
        count += 1;
        return { status: count <= 2 ? 200 : 500, workload: 1 };
      },
    });
    await expect(run()).rejects.toThrow(BenchmarkError);
  });
});

describe("the deadline", () => {
  const untilAborted: Send = (_payload, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  const deaf: Send = () => new Promise(() => {});

  test.each([
    ["end when told to", untilAborted],
    ["don't", deaf],
  ])("ends a benchmark whose requests %s, with what it has measured", async (_what, hang) => {
    let count = 0;
    const { clock, run, sent } = setUp({
      settings: { maxSeconds: 10 },
      send: async (payload, signal) => {
        count += 1;
        if (count <= 2) {
          clock.advance(500);
          return { status: 200, workload: 50 };
        }
        return hang(payload, signal);
      },
    });
    const perf = run();
    await until(() => sent.length === 4);
    clock.advance(9000);
    expect(await perf).toBe(100);
  });

  test.each([
    ["warm-up", { warmup: true }],
    ["first round", {}],
  ])("says so where the %s is not over by then", async (_what, settings) => {
    const { clock, run, sent } = setUp({ settings: { maxSeconds: 10, ...settings }, send: deaf });
    const perf = run();
    const failed = expect(perf).rejects.toThrow(
      new BenchmarkError("the benchmark took longer than 10 s and finished no round"),
    );
    await until(() => sent.length > 0);
    clock.advance(10_000);
    await failed;
  });

  test.each([
    ["end when told to", untilAborted],
    ["don't", deaf],
  ])("is not waited for when the benchmark is aborted, whose requests %s", async (_what, hang) => {
    const { clock, controller, run, sent } = setUp({ settings: { runs: 100 }, send: hang });
    const failed = expect(run()).rejects.toThrow("stopping");
    await until(() => sent.length > 0);
    controller.abort(new Error("stopping"));
    await failed;
    expect(sent).toHaveLength(2);
    expect(clock.waiting).toBe(0);
  });
});

test.each([
  [true, 10],
  [false, 1],
  [4, 4],
  [40, 10],
])("measures as many requests at once as a handler with allowParallelRequests %p lets through", (allowed, expected) => {
  expect(benchmarkConcurrency({ ...defaults, concurrency: 10 }, allowed)).toBe(expected);
});
