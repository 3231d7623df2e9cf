import { beforeAll, expect } from "@jest/globals";
import { type FakeEngine, until } from "@pyworker/testing";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startModel, startWorker } = createStarters();
const program = "every-feature";
const shortestSilenceMs = 5000;
// The promise is ten seconds; a busy machine gets two more.
const longestSilenceMs = 12_000;
let modelUrl: string;
let idle: WorkerUnderTest;
let cannotStart: WorkerUnderTest;
/** Milliseconds between two reports of workers that have nothing new to tell; measured while others are at work. */
let silences: Promise<{ idle: number; cannotStart: number }>;

beforeAll(async () => {
  modelUrl = (await startModel((_request, response) => response.end("{}"))).url;
  cannotStart = await startWorker({ program, env: { CONTAINER_ID: "none" } });
  idle = await startWorker({ program, modelUrl });
  await idle.becomeReady();
  await cannotStart.engine.status(() => true);
  const [idleMs, cannotStartMs] = [silenceOf(idle.engine), silenceOf(cannotStart.engine)];
  silences = Promise.all([idleMs, cannotStartMs]).then(([ready, broken]) => ({ idle: ready, cannotStart: broken }));
  silences.catch(() => undefined);
});

/** The longest of three times from one report to the next: a change of state may still be told of in two of them. */
async function silenceOf({ statuses }: FakeEngine): Promise<number> {
  const silences: number[] = [];
  while (silences.length < 3 && Math.max(...silences) < shortestSilenceMs) {
    const before = statuses.length;
    const startedAt = performance.now();
    await until(() => statuses.length > before, { timeoutMs: 20_000, what: () => "another report" });
    silences.push(performance.now() - startedAt);
  }
  return Math.max(...silences);
}

verifies(["report/pace"], "reports about once a second while something changes", async () => {
  const worker = await startWorker({ program, modelUrl });
  await worker.becomeReady();
  const { statuses } = worker.engine;
  const before = statuses.length;
  const startedAt = performance.now();
  while (statuses.length < before + 4) {
    expect((await worker.send("/parallel", {})).status).toBe(200);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  expect(seconds).toBeGreaterThan(2.8);
  expect(seconds).toBeLessThan(8);
});

verifies(["report/pace"], "reports every ten seconds at least, with nothing new to tell", async () => {
  const silence = (await silences).idle;
  expect(silence).toBeLessThan(longestSilenceMs);
  expect(silence).toBeGreaterThan(shortestSilenceMs);
  expect(idle.engine.statuses.at(-1)).toMatchObject({ max_perf: 1000, error_msg: "", cur_load: 0, new_load: 0 });
});

verifies(["report/beacon"], "reports every ten seconds why it can't start, until it is stopped", async () => {
  const { cannotStart: silence } = await silences;
  expect(silence).toBeGreaterThan(shortestSilenceMs);
  expect(silence).toBeLessThan(longestSilenceMs);
  const { engine } = cannotStart;
  const messages = engine.statuses.map(({ error_msg }) => error_msg);
  expect(messages.length).toBeGreaterThanOrEqual(2);
  expect(messages).toEqual(messages.map(() => expect.stringContaining("CONTAINER_ID: expected a whole number")));
  const { mtoken, url, version } = engine.statuses[0] ?? {};
  expect({ mtoken, url, version }).toEqual({ mtoken: "master-token", url: cannotStart.url, version: "1.1.0" });
  expect(await cannotStart.process.stop()).toBe(1);
});
