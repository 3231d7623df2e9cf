import { beforeEach, describe, expect, test } from "@jest/globals";
import { type ManualClock, manualClock } from "@pyworker/testing";
import { type LifecycleEvent, WorkerLifecycle, type WorkerState } from "./lifecycle.ts";

let clock: ManualClock;
let changes: WorkerState[];
let lifecycle: WorkerLifecycle;

beforeEach(() => {
  clock = manualClock();
  changes = [];
  lifecycle = new WorkerLifecycle(clock, (state) => changes.push(state));
});

const send = (...events: LifecycleEvent[]): void => {
  for (const event of events) {
    lifecycle.send(event);
  }
};

const loaded = { name: "loaded" } as const;
const measured = { name: "measured", perf: 50 } as const;
const confirmed = { name: "confirmed" } as const;
const failed = { name: "failed", message: "out of memory" } as const;

test("goes from loading to ready, and offers throughput only then", () => {
  send(loaded, measured);
  expect([lifecycle.throughput, lifecycle.perf]).toEqual([50, 0]);
  clock.advance(12_000);
  send(confirmed);
  expect(changes).toEqual(["benchmarking", "confirming", "ready"]);
  expect([lifecycle.perf, lifecycle.loadTime]).toEqual([50, 12]);
});

test("keeps the load time of the first time ready", () => {
  clock.advance(1000);
  send(loaded, measured, confirmed);
  clock.advance(1000);
  send(loaded, measured, confirmed);
  expect(lifecycle.loadTime).toBe(1);
});

describe("a failure", () => {
  test("ends readiness and says why, once", () => {
    send(loaded, measured, confirmed, failed, failed);
    expect(changes.slice(3)).toEqual(["errored"]);
    expect([lifecycle.perf, lifecycle.errorMessage]).toEqual([0, "out of memory"]);
    send({ name: "failed", message: "something else" });
    expect(changes.slice(3)).toEqual(["errored", "errored"]);
  });

  test("is over when the model is ready again, not when it is loading", () => {
    send(failed, loaded);
    expect(lifecycle.errorMessage).toBe("out of memory");
    send(measured, confirmed);
    expect([lifecycle.state, lifecycle.errorMessage, lifecycle.perf]).toEqual(["ready", "", 50]);
  });

  test("is over when its cause is gone before the model has loaded", () => {
    send(failed, { name: "recovered" });
    expect([lifecycle.state, lifecycle.errorMessage]).toEqual(["loading", ""]);
  });

  test("of the benchmark leaves no throughput", () => {
    send(loaded, measured, confirmed, loaded, failed);
    expect(lifecycle.throughput).toBe(0);
  });
});

test("ignores what makes no sense in a state", () => {
  send(confirmed, measured, { name: "recovered" });
  expect(changes).toEqual([]);
  send(loaded, confirmed);
  expect(lifecycle.state).toBe("benchmarking");
});

test("is draining for good", () => {
  send(loaded, measured, confirmed, { name: "stopping" }, loaded, failed, { name: "recovered" });
  expect([lifecycle.state, lifecycle.perf, lifecycle.throughput]).toEqual(["draining", 0, 50]);
});
