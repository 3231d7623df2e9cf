import { beforeEach, describe, expect, test } from "@jest/globals";
import { manualClock, until } from "@pyworker/testing";
import { pino } from "pino";
import { WorkerLifecycle, type WorkerState } from "./lifecycle.ts";
import { createReadiness, type Readiness } from "./readiness.ts";

/** One step that the test lets go on, or fail. */
interface Step {
  signal: AbortSignal;
  resolve(value: number): void;
  reject(error: Error): void;
}

let steps: { measure: Step[]; health: Step[]; key: Step[] };
let healthFailure: string | undefined;
let distrusted: string[];
let lifecycle: WorkerLifecycle;
let readiness: Readiness;

const waitFor = (list: Step[]) => (signal: AbortSignal) =>
  new Promise<number>((resolve, reject) => {
    list.push({ signal, resolve, reject });
    signal.addEventListener("abort", () => reject(signal.reason));
  });

beforeEach(() => {
  steps = { measure: [], health: [], key: [] };
  healthFailure = undefined;
  distrusted = [];
  lifecycle = new WorkerLifecycle(manualClock(), () => {});
  readiness = createReadiness({
    lifecycle,
    meetModel: async () => {},
    measure: waitFor(steps.measure),
    health: {
      waitUntilUp: async (signal) => {
        await waitFor(steps.health)(signal);
      },
      check: async () => healthFailure,
      distrust: () => distrusted.push("for a time"),
      distrustUntilDown: () => distrusted.push("until down"),
      stop: async () => {},
    },
    keyArrived: async (signal) => {
      await waitFor(steps.key)(signal);
    },
    log: pino({ level: "silent" }),
  });
});

const step = async (list: Step[], count = 1): Promise<Step> => {
  await until(() => list.length === count);
  const last = list.at(-1);
  if (last === undefined) {
    throw new Error("no step");
  }
  return last;
};

const becomes = (state: WorkerState) =>
  until(() => lifecycle.state === state, { what: () => `${state}, is ${lifecycle.state}` });

const goThrough = async (count = 1): Promise<void> => {
  (await step(steps.measure, count)).resolve(100);
  (await step(steps.health, count)).resolve(0);
  (await step(steps.key, count)).resolve(0);
  await becomes("ready");
};

test("measures, then waits for health, then for the key, and is ready", async () => {
  readiness.loaded();
  await goThrough();
  expect(lifecycle.perf).toBe(100);
});

test("is errored with what failed", async () => {
  readiness.loaded();
  (await step(steps.measure)).reject(new Error("No successful responses"));
  await becomes("errored");
  expect(lifecycle.errorMessage).toBe("No successful responses");
});

test("begins anew at another load, after the run before has let go", async () => {
  readiness.loaded();
  const first = await step(steps.measure);
  readiness.loaded();
  expect(first.signal.aborted).toBe(true);
  (await step(steps.measure, 2)).resolve(7);
  (await step(steps.health)).resolve(0);
  (await step(steps.key)).resolve(0);
  await becomes("ready");
  expect(lifecycle.perf).toBe(7);
});

test("gives a run up when the log tells of a failure", async () => {
  readiness.loaded();
  const { signal } = await step(steps.measure);
  readiness.failed("CUDA out of memory");
  expect([signal.aborted, lifecycle.state, lifecycle.errorMessage]).toEqual([true, "errored", "CUDA out of memory"]);
});

describe("health", () => {
  test("down makes it errored, and up again makes it measure anew", async () => {
    readiness.loaded();
    await goThrough();
    readiness.healthDown("status 503");
    expect([lifecycle.state, lifecycle.errorMessage]).toEqual(["errored", "health check failed: status 503"]);
    readiness.healthUp();
    await goThrough(2);
    expect(lifecycle.errorMessage).toBe("");
  });

  test("down keeps the message of a failure before it", () => {
    readiness.failed("CUDA out of memory");
    readiness.healthDown("status 503");
    expect(lifecycle.errorMessage).toBe("CUDA out of memory");
  });

  test("up changes nothing before the model has loaded, or while all is well", async () => {
    readiness.failed("Traceback");
    readiness.healthUp();
    expect(lifecycle.state).toBe("errored");
    readiness.loaded();
    await goThrough();
    readiness.healthUp();
    expect(steps.measure).toHaveLength(1);
  });
});

describe("a line that reads like a failure", () => {
  test("is one while the model loads", async () => {
    await readiness.suspected("Traceback");
    expect([lifecycle.state, lifecycle.errorMessage]).toEqual(["errored", "Traceback"]);
  });

  test("is none of a ready worker whose model is well", async () => {
    readiness.loaded();
    await goThrough();
    await readiness.suspected("Traceback");
    expect(lifecycle.state).toBe("ready");
  });

  test("is one of a ready worker whose model is not well", async () => {
    readiness.loaded();
    await goThrough();
    healthFailure = "status 503";
    await readiness.suspected("Traceback");
    expect([lifecycle.state, lifecycle.errorMessage]).toEqual(["errored", "Traceback"]);
  });
});

describe("the key", () => {
  test("that comes after all clears its error, and the model is measured", async () => {
    readiness.loaded();
    readiness.keysFailed("no public key");
    expect(lifecycle.errorMessage).toBe("no public key");
    readiness.keysChanged();
    await goThrough();
  });

  test("that comes after all while the model loads makes it loading again", () => {
    readiness.keysFailed("no public key");
    readiness.keysChanged();
    expect([lifecycle.state, lifecycle.errorMessage]).toEqual(["loading", ""]);
  });

  test("that comes too late for one run starts another", async () => {
    readiness.loaded();
    (await step(steps.measure)).resolve(100);
    (await step(steps.health)).resolve(0);
    (await step(steps.key)).reject(new Error("not within 60 s"));
    await becomes("errored");
    readiness.keysChanged();
    (await step(steps.measure, 2)).resolve(100);
  });

  test("doesn't clear the model's own failure", () => {
    readiness.keysFailed("no public key");
    readiness.failed("out of memory");
    readiness.keysChanged();
    expect(lifecycle.errorMessage).toBe("out of memory");
  });
});

test("stops in the middle of a run", async () => {
  readiness.loaded();
  const { signal } = await step(steps.measure);
  await readiness.stop();
  expect([signal.aborted, lifecycle.state]).toEqual([true, "benchmarking"]);
});

test("a lasting failure is not over because the model's health looks good", () => {
  readiness.failed("out of order");
  readiness.failed("out of order for good", { isLasting: true });
  expect(distrusted).toEqual(["for a time", "until down"]);
  expect(lifecycle.errorMessage).toBe("out of order for good");
});
