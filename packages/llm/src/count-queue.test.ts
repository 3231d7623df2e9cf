import { beforeAll, expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import { createTokenCounter } from "@pyworker/tokens";
import { createCountQueue } from "./count-queue.ts";

const prose = "The quick brown fox jumps over the lazy dog. ".repeat(200);
const counter = createTokenCounter({ now: () => 0 });

beforeAll(() => counter.load());

test("counts a prompt once it has waited, and calls back once", () => {
  const clock = manualClock();
  const queue = createCountQueue({ counter, clock });
  const counted: number[] = [];
  queue.add(["hello", " world"], (tokens) => counted.push(tokens));
  clock.advance(49);
  expect(counted).toEqual([]);
  clock.advance(1);
  expect(counted).toEqual([2]);
  clock.advance(1000);
  expect(counted).toEqual([2]);
  expect(clock.waiting).toBe(0);
});

test("never counts what is called off in time", () => {
  const clock = manualClock();
  const queue = createCountQueue({ counter, clock });
  const counted: number[] = [];
  const callOff = queue.add(["hello"], (tokens) => counted.push(tokens));
  clock.advance(20);
  queue.add(["hello world"], (tokens) => counted.push(tokens));
  callOff();
  clock.advance(1000);
  expect(counted).toEqual([2]);
});

test("counts in slices, and rests between them", async () => {
  const clock = manualClock();
  let looks = 0;
  // The counter's clock moves by a millisecond at each look: a slice is over after a few pieces.
  const slow = createTokenCounter({
    now: () => {
      looks += 1;
      return looks;
    },
  });
  await slow.load();
  const queue = createCountQueue({ counter: slow, clock, sliceMilliseconds: 4, restMilliseconds: 8 });
  const counted: string[] = [];
  queue.add([prose], () => counted.push("long"));
  queue.add(["hello"], () => counted.push("short"));
  clock.advance(50);
  const slices = [looks];
  while (counted.length === 0) {
    expect(clock.waiting).toBe(1);
    clock.advance(8);
    slices.push(looks - slices.reduce((sum, slice) => sum + slice, 0));
  }
  expect(slices.length).toBeGreaterThan(3);
  expect(Math.max(...slices)).toBeLessThanOrEqual(10);
  clock.advance(8);
  expect(counted).toEqual(["long", "short"]);
});

test("stops in the middle of a count that is called off", async () => {
  const clock = manualClock();
  let looks = 0;
  const slow = createTokenCounter({
    now: () => {
      looks += 1;
      return looks;
    },
  });
  await slow.load();
  const queue = createCountQueue({ counter: slow, clock });
  const counted: number[] = [];
  const callOff = queue.add([prose], (tokens) => counted.push(tokens));
  clock.advance(50);
  callOff();
  const looksBefore = looks;
  clock.advance(1000);
  expect(counted).toEqual([]);
  expect(looks).toBe(looksBefore);
});

test("takes no more than it has room for", () => {
  const clock = manualClock();
  const queue = createCountQueue({ counter, clock, mostWaiting: 2 });
  const counted: string[] = [];
  for (const name of ["first", "second", "third"]) {
    queue.add([name], () => counted.push(name));
  }
  clock.advance(1000);
  expect(counted).toEqual(["first", "second"]);
  queue.add(["fourth"], () => counted.push("fourth"));
  clock.advance(1000);
  expect(counted).toEqual(["first", "second", "fourth"]);
});
