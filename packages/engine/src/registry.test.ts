import { beforeEach, expect, test } from "@jest/globals";
import { makeStatus } from "./make-status.test.fixture.ts";
import { Registry } from "./registry.ts";

let now: number;
let registry: Registry;

beforeEach(() => {
  now = 1000;
  registry = new Registry(() => now);
});

const conditions = () => registry.all().map(({ status }) => status);

test("tells loading, ready and errored workers apart", () => {
  registry.record(makeStatus({ id: 1, max_perf: 0 }));
  registry.record(makeStatus({ id: 2 }));
  registry.record(makeStatus({ id: 3, error_msg: "out of memory" }));
  expect(conditions()).toEqual(["loading", "ready", "error"]);
});

test("routes only to ready workers, and to none that has been silent for more than 30 s", () => {
  registry.record(makeStatus({ id: 1, max_perf: 0 }));
  registry.record(makeStatus({ id: 2, error_msg: "out of memory" }));
  expect(registry.route(1)).toBeUndefined();
  registry.record(makeStatus({ id: 3 }));
  now += 30;
  expect(registry.route(1)?.id).toBe(3);
  now += 1;
  expect(conditions()).toEqual(["stale", "stale", "stale"]);
  expect(registry.route(1)).toBeUndefined();
});

test("prefers the faster of two workers with the same load", () => {
  registry.record(makeStatus({ id: 1, cur_load: 100, max_perf: 10 }));
  registry.record(makeStatus({ id: 2, cur_load: 100, max_perf: 20 }));
  expect(registry.route(10)?.id).toBe(2);
});

test("books what it routes until the next report", () => {
  registry.record(makeStatus({ id: 1 }));
  registry.route(40);
  expect(registry.all()[0]?.load).toBe(40);
  registry.record(makeStatus({ id: 1, cur_load: 30 }));
  expect(registry.all()[0]?.load).toBe(30);
});

test("remembers since when a worker has been ready, until it loads again", () => {
  registry.record(makeStatus({ max_perf: 0 }));
  now = 1005;
  registry.record(makeStatus());
  now = 1010;
  registry.record(makeStatus());
  expect(registry.all()[0]).toMatchObject({ firstReportAt: 1000, readyAt: 1005, lastReportAt: 1010 });
  registry.record(makeStatus({ max_perf: 0 }));
  expect(registry.all()[0]?.readyAt).toBe(0);
});

test("keeps a worker's token out of every view", () => {
  registry.record(makeStatus({ mtoken: "secret" }));
  expect(JSON.stringify(registry.all())).not.toContain("secret");
  expect(registry.token(1)).toBe("secret");
});
