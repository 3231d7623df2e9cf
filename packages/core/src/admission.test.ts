import { describe, expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import { createGates, expectedWait, Gate, retryAfter } from "./admission.ts";

const never = { maxSeconds: null, signal: new AbortController().signal };

describe("Gate", () => {
  test("lets one at a time through, first in first out", async () => {
    const gate = new Gate(1, manualClock());
    const order: number[] = [];
    const visits = [1, 2, 3].map(async (visitor) => {
      await gate.enter(never);
      order.push(visitor);
      gate.leave();
    });
    await Promise.all(visits);
    expect(order).toEqual([1, 2, 3]);
  });

  test("lets as many through at a time as it has places", async () => {
    const gate = new Gate(2, manualClock());
    expect(await gate.enter(never)).toBe("turn");
    expect(await gate.enter(never)).toBe("turn");
    const third = isSettled(gate.enter(never));
    expect(await third.now()).toBe(false);
    gate.leave();
    expect(await third.now()).toBe(true);
  });

  test("forgets a waiter that leaves, and keeps the order of the others", async () => {
    const gate = new Gate(1, manualClock());
    await gate.enter(never);
    const controller = new AbortController();
    const second = gate.enter({ maxSeconds: null, signal: controller.signal });
    const third = gate.enter(never);
    controller.abort();
    expect(await second).toBe("aborted");
    gate.leave();
    expect(await third).toBe("turn");
    gate.leave();
    expect(await gate.enter(never)).toBe("turn");
  });

  test("ends a wait that has lasted too long, and not the turn of the next", async () => {
    const clock = manualClock();
    const gate = new Gate(1, clock);
    await gate.enter(never);
    const second = gate.enter({ maxSeconds: 5, signal: never.signal });
    clock.advance(5000);
    expect(await second).toBe("expired");
    gate.leave();
    expect(await gate.enter(never)).toBe("turn");
  });

  test("answers at once for a client that has already left", async () => {
    const gate = new Gate(1, manualClock());
    expect(await gate.enter({ maxSeconds: null, signal: AbortSignal.abort() })).toBe("aborted");
    expect(await gate.enter(never)).toBe("turn");
  });
});

test("serial handlers share one gate, limited ones have their own, parallel ones none", () => {
  const gates = createGates(manualClock());
  expect(gates.for("/a", false)).toBe(gates.for("/b", false));
  expect(gates.for("/a", 2)).toBe(gates.for("/a", 2));
  expect(gates.for("/a", 2)).not.toBe(gates.for("/b", 2));
  expect(gates.for("/a", true)).toBeUndefined();
});

test("expects work divided by throughput, and never divides by zero", () => {
  expect(expectedWait(100, 50)).toBe(2);
  expect(expectedWait(100, 0)).toBe(100 / 0.00001);
  expect(expectedWait(0, 0)).toBe(0);
});

test("Retry-After is whole seconds, at least one", () => {
  expect([0, 0.2, 1.2, 1e12].map(retryAfter)).toEqual(["1", "1", "2", "86400"]);
});

function isSettled(promise: Promise<unknown>): { now(): Promise<boolean> } {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  return {
    now: async () => {
      await new Promise(setImmediate);
      return settled;
    },
  };
}
