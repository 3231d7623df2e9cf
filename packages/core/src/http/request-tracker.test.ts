import { PassThrough } from "node:stream";
import { beforeEach, expect, test } from "@jest/globals";
import { WorkerError } from "../errors.ts";
import { ClientLeft } from "./read-body.ts";
import { createRequestTracker, type RequestTracker } from "./request-tracker.ts";

let tracker: RequestTracker;
let client: PassThrough;

beforeEach(() => {
  tracker = createRequestTracker();
  client = new PassThrough();
});

const untilAborted = ({ signal }: AbortController): Promise<void> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("aborts a request whose client leaves", async () => {
  const served = tracker.run(client, untilAborted);
  client.destroy();
  await expect(served).rejects.toBeInstanceOf(ClientLeft);
});

test("drains at once when nothing is under way, and when the last request is over", async () => {
  await tracker.drain(60_000);
  let finish = () => {};
  const served = tracker.run(client, () => new Promise((resolve) => (finish = resolve)));
  const drained = tracker.drain(60_000);
  finish();
  await Promise.all([served, drained]);
});

test("aborts at the deadline what is still under way", async () => {
  const served = tracker.run(client, untilAborted);
  await Promise.all([expect(served).rejects.toMatchObject({ code: "draining" }), tracker.drain(10)]);
});

test("waits no longer than a second for code that heeds no signal", async () => {
  void tracker.run(client, () => new Promise(() => {}));
  const startedAt = performance.now();
  await tracker.drain(10);
  expect(performance.now() - startedAt).toBeGreaterThan(900);
});

test("knows its own errors from any copy of the package", () => {
  expect(WorkerError.is(new WorkerError("draining", "x"))).toBe(true);
  expect(WorkerError.is(new Error("x"))).toBe(false);
  expect(WorkerError.is(null)).toBe(false);
});
