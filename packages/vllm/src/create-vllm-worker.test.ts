import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type FakeEngine, startFakeEngine, startVllmServer, type VllmServer } from "@pyworker/testing";
import { createVllmWorker } from "./create-vllm-worker.ts";

const patience = 30_000;
const cleanUps: (() => Promise<unknown>)[] = [];
const met: unknown[] = [];
let engine: FakeEngine;
let model: VllmServer;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-vllm-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  engine = await startFakeEngine();
  cleanUps.push(() => engine.close());
  model = await startVllmServer({ logFile: join(folder, "vllm.log"), maxModelLen: 1000 });
  cleanUps.push(() => model.stop());
  const [port, internalPort] = [String(await freePort()), String(await freePort())];
  const worker = await createVllmWorker({
    onModelLoaded: async ({ getJson }) => {
      met.push(await getJson("/version"));
    },
    environment: {
      UNSECURED: "true",
      LOG_LEVEL: "silent",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: port,
      WORKER_HTTP_PORT: internalPort,
      REPORT_ADDR: engine.url,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: join(folder, "vllm.log"),
      BENCHMARK_FILE: join(folder, "benchmark"),
    },
  }).start();
  cleanUps.push(() => worker.stop());
  url = `http://127.0.0.1:${port}`;
  await engine.status(({ max_perf: perf }) => Number(perf) > 0, patience);
}, patience);

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

const post = (path: string, payload: object, base = url, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
    signal,
  });

test("measures a model by the name that it serves, and lets others meet it too", () => {
  const [first] = model.requests.filter(({ method }) => method === "POST");
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
    post("/v1/completions", payload, model.url),
    post("/v1/completions", payload),
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
    const answer = post("/v1/completions", payload, url, leaving.signal).catch(() => undefined);
    await engine.status(({ cur_load: load }) => load === 0.25 * 100 + 900, patience);
    leaving.abort();
    await answer;
    model.faults.set({});
  },
  patience,
);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
