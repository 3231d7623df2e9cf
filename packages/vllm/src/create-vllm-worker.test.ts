import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  type FakeEngine,
  postJson,
  startFakeEngine,
  startInProcess,
  startVllmServer,
  type VllmServer,
} from "@pyworker/testing";
import { createVllmWorker } from "./create-vllm-worker.ts";

const patience = 30_000;
const cleanUps: (() => Promise<unknown>)[] = [];
const met: unknown[] = [];
let engine: FakeEngine;
let model: VllmServer;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-vllm-"));
  const modelLog = join(folder, "vllm.log");
  cleanUps.push(() => rm(folder, { recursive: true }));
  engine = await startFakeEngine();
  cleanUps.push(() => engine.close());
  model = await startVllmServer({ logFile: modelLog, maxModelLen: 1000 });
  cleanUps.push(() => model.stop());
  const worker = await startInProcess({ reportUrl: engine.url, modelUrl: model.url, modelLog }, (environment) =>
    createVllmWorker({
      environment,
      onModelLoaded: async ({ getJson }) => {
        met.push(await getJson("/version"));
      },
    }),
  );
  cleanUps.push(() => worker.stop());
  url = worker.url;
  await engine.status(({ max_perf: perf }) => Number(perf) > 0, patience);
}, patience);

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

test("measures a model by the name that it serves, and lets others meet it too", () => {
  const first = model.requests.find(({ path }) => path === "/v1/completions");
  expect(JSON.parse(first?.body.toString() ?? "")).toMatchObject({
    model: "stand-in",
    ignore_eos: true,
    max_tokens: 500,
  });
  expect(met).toEqual([{ version: "0.0.0+stand-in" }]);
});

test("passes a stream on byte by byte, without the usage that it asked for itself", async () => {
  const payload = { prompt: "Hello", max_tokens: 5, stream: true };
  const [direct, through] = await Promise.all([
    postJson(`${model.url}/v1/completions`, payload),
    postJson(`${url}/v1/completions`, payload),
  ]);
  expect(await through.text()).toBe(await direct.text());
  expect(model.requests.some(({ body }) => body.includes('"include_usage":true'))).toBe(true);
});

test(
  "reports a running request by its counted prompt, and no more than fits the model",
  async () => {
    model.faults.set({ stall: true });
    const leaving = new AbortController();
    const payload = { prompt: " hello".repeat(100), max_tokens: 5000 };
    const answer = postJson(`${url}/v1/completions`, payload, leaving.signal).catch(() => undefined);
    await engine.status(({ cur_load: load }) => load === 0.25 * 100 + 900, patience);
    leaving.abort();
    await answer;
    model.faults.set({});
  },
  patience,
);
