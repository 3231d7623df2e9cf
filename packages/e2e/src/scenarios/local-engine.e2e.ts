import { beforeAll, expect } from "@jest/globals";
import { createEngine, type Engine } from "@pyworker/engine";
import { until, type VllmServer } from "@pyworker/testing";
import { z } from "zod";
import { createCleanUps } from "../harness/clean-up.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const { startVllmServer, startWorker } = createStarters();
let engine: Engine;
let engineUrl = "";
let vllm: VllmServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  engine = createEngine({ onViolation: () => {} });
  ({ url: engineUrl } = await engine.start());
  cleanUp(() => engine.stop());
  vllm = await startVllmServer();
  worker = await startWorker({ modelUrl: vllm.url, env: { REPORT_ADDR: engineUrl } });
});

const ask = async (path: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(engineUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
};

/** What a client copies into `auth_data`, all of it. */
const routeSchema = z.looseObject({ url: z.string(), request_idx: z.number(), reqnum: z.number() });

const route = async (cost: number) =>
  routeSchema.parse(await ask("/route/", { endpoint: "local", api_key: "local", cost }));

/** The way of a client: ask the engine for a worker, and send it the request. */
async function request(path: string, payload: unknown, signal?: AbortSignal) {
  const auth = await route(20);
  const response = await fetch(auth.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth_data: auth, session_id: null, payload }),
    ...(signal && { signal }),
  });
  return { idx: auth.request_idx, response };
}

const ended = (requestIdx: number): Promise<string> => until(() => engine.ended().get(requestIdx));

verifies(["engine/end-to-end"], "hears of a loading worker, and routes to it once it is ready", async () => {
  const loading = await engine.waitForWorker(({ id }) => id === 42);
  expect(loading).toMatchObject({ url: worker.url, status: "loading", perf: 0 });
  expect(await ask("/route/", { endpoint: "local", api_key: "local", cost: 20 })).not.toHaveProperty("url");
  await worker.log("INFO:     Application startup complete.");
  const ready = await engine.waitForWorker(({ status }) => status === "ready");
  expect(ready).toMatchObject({ url: worker.url, perf: 1000, errorMessage: "" });
  expect((await route(20)).url).toBe(worker.url);
});

verifies(["engine/end-to-end"], "hears how each request ended, in reports that keep the contract", async () => {
  const completion = { prompt: "hello", max_tokens: 8 };
  const served = await Promise.all(
    Array.from({ length: 40 }, (_, index) => request("/v1/completions", { ...completion, stream: index % 2 === 0 })),
  );
  const texts = await Promise.all(served.map(({ response }) => response.text()));
  expect(served.map(({ response }) => response.status)).toEqual(served.map(() => 200));
  expect(texts.every((text) => text.includes("stand-in"))).toBe(true);
  expect(await Promise.all(served.map(({ idx }) => ended(idx)))).toEqual(served.map(() => "Success"));

  const wrong = await request("/v1/completions", { ...completion, model: "another" });
  expect([wrong.response.status, await ended(wrong.idx)]).toEqual([404, "Error"]);

  vllm.faults.set({ stallAfterChunks: 3 });
  const leave = new AbortController();
  const chat = { messages: [{ role: "user", content: "hello" }], max_tokens: 20, stream: true };
  const stream = await request("/v1/chat/completions", chat, leave.signal);
  leave.abort();
  expect(await ended(stream.idx)).toBe("Cancelled");
  vllm.faults.set({});

  await engine.waitForWorker(({ report }) => report.cur_load === 0 && report.num_requests_working === 0);
  expect(engine.violations()).toEqual([]);
});

verifies(["engine/end-to-end", "session/reports"], "carries a session from its creation to its end", async () => {
  const { idx, response } = await request("/session/create", { lifetime: 60 });
  const { session_id: id } = z.object({ session_id: z.string() }).parse(await response.json());
  await engine.waitForWorker(({ report }) => report.working_request_idxs.includes(idx));
  expect(id).toMatch(/^[A-Za-z0-9]{13}$/);
  expect(await worker.stop()).toBe(0);
  expect(await ended(idx)).toBe("Success");
  expect(engine.violations()).toEqual([]);
});
