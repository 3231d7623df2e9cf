import { verify, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createEngine, type Engine } from "./engine.ts";
import { makeStatus } from "./make-status.test.fixture.ts";

let engine: Engine;
let url: string;

const startEngine = async (holdMs: number): Promise<void> => {
  engine = createEngine({ onViolation: () => {}, holdMs });
  url = (await engine.start()).url;
};

beforeEach(() => startEngine(60_000));
afterEach(() => engine.stop());

const send = (path: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    ...(signal && { signal }),
  });

const post = async (path: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> => {
  const response = await send(path, JSON.stringify(body));
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, answer };
};

const ask = { endpoint: "local", api_key: "local", cost: 10, request_idx: 0, replay_timeout: 60 };

test("routes to the worker with the least expected wait", async () => {
  await post("/worker_status/", makeStatus({ id: 1, cur_load: 1000, url: "http://127.0.0.1:4001" }));
  await post("/worker_status/", makeStatus({ id: 2, cur_load: 0, url: "http://127.0.0.1:4002" }));
  const { answer } = await post("/route/", ask);
  expect(answer).toEqual({
    url: "http://127.0.0.1:4002",
    cost: "10",
    endpoint: "local",
    request_idx: expect.any(Number),
    reqnum: expect.any(Number),
    signature: engine.sign({ url: "http://127.0.0.1:4002" }),
    __request_id: expect.any(String),
  });
});

test("hands out the key that its signatures are checked with", async () => {
  await post("/worker_status/", makeStatus());
  const key = await (await fetch(`${url}/pubkey/`)).text();
  const signature = Buffer.from(String((await post("/route/", ask)).answer.signature), "base64");
  const text = Buffer.from('{\n    "url": "http://127.0.0.1:4000"\n}');
  expect(key).toBe(engine.publicKeyPem);
  expect(verify("RSA-SHA256", text, key, signature)).toBe(true);
});

test("spreads requests between two reports by what it has routed itself", async () => {
  await post("/worker_status/", makeStatus({ id: 1, url: "http://127.0.0.1:4001" }));
  await post("/worker_status/", makeStatus({ id: 2, url: "http://127.0.0.1:4002" }));
  const urls = [(await post("/route/", ask)).answer.url, (await post("/route/", ask)).answer.url];
  expect(urls.sort()).toEqual(["http://127.0.0.1:4001", "http://127.0.0.1:4002"]);
});

test("answers without a URL while no worker is ready, and keeps the request's number", async () => {
  await engine.stop();
  await startEngine(50);
  await post("/worker_status/", makeStatus({ max_perf: 0 }));
  const { answer } = await post("/route/", { ...ask, request_idx: 77 });
  expect(answer).toEqual({ request_idx: 77, status: "no worker is ready" });
  await post("/worker_status/", makeStatus());
  expect((await post("/route/", { ...ask, request_idx: 77 })).answer).toMatchObject({ request_idx: 77 });
});

test("answers a waiting client as soon as a worker is ready", async () => {
  const waiting = post("/route/", ask);
  await post("/worker_status/", makeStatus({ max_perf: 0 }));
  await post("/worker_status/", makeStatus());
  expect((await waiting).answer.url).toBe("http://127.0.0.1:4000");
});

test("books nothing for a client that left while it waited", async () => {
  const leave = new AbortController();
  const left = send("/route/", JSON.stringify(ask), leave.signal).catch((error: Error) => error.name);
  await post("/worker_status/", makeStatus({ max_perf: 0 }));
  leave.abort();
  expect(await left).toBe("AbortError");
  await post("/worker_status/", makeStatus({ max_perf: 0 }));
  await post("/worker_status/", makeStatus());
  expect(engine.workers()).toMatchObject([{ status: "ready", load: 0 }]);
});

test("refuses an unknown endpoint, a wrong key and a request without fields, and says why", async () => {
  const other = await post("/route/", { ...ask, endpoint: "other" });
  expect(other).toMatchObject({ status: 404, answer: { error: 'no endpoint is called "other"; there is "local"' } });
  expect((await post("/route/", { ...ask, api_key: "other" })).status).toBe(401);
  expect(await post("/route/", {})).toMatchObject({
    status: 422,
    answer: { error: expect.stringContaining("endpoint") },
  });
});

test("says so when a report breaks the contract", async () => {
  expect((await post("/worker_status/", { id: 1 })).status).toBe(422);
  expect((await send("/worker_status/", "{")).status).toBe(400);
  await post("/worker_status/", makeStatus({ version: "9" }));
  const times = { entered_queue_at: 1, work_started_at: 2, work_completed_at: 3 };
  const request = { request_idx: 5000, success: true, status: "Success", ...times };
  await post("/delete_requests/", { worker_id: 1, mtoken: "", requests: [request] });
  expect(engine.violations().map(({ rule }) => rule)).toEqual([
    "worker_status has the fields of the contract",
    "a report is JSON",
    "version is one of 1.1.0",
    "a deleted request was routed by this engine",
  ]);
});

test("keeps the last thousand violations", async () => {
  const times = { entered_queue_at: 1, work_started_at: 2, work_completed_at: 3 };
  const requests = Array.from({ length: 1001 }, (_, index) => ({
    request_idx: 5000 + index,
    success: true,
    status: "Success",
    ...times,
  }));
  await post("/delete_requests/", { worker_id: 1, mtoken: "", requests });
  expect(engine.violations()).toHaveLength(1000);
  expect(engine.violations()[0]?.found).toContain("5001");
});

test("keeps how each request ended, without a complaint where all is well", async () => {
  await post("/worker_status/", makeStatus());
  const routed = engine.route({ endpoint: "local", cost: 10 });
  const times = { entered_queue_at: 1, work_started_at: 2, work_completed_at: 3 };
  const request = { request_idx: routed?.request_idx, success: true, status: "Success", ...times };
  const report = { worker_id: 1, mtoken: "", requests: [request] };
  expect((await post("/delete_requests/", report)).answer).toEqual({ ok: true });
  expect([...engine.ended()]).toEqual([[routed?.request_idx, "Success"]]);
  expect(engine.violations()).toEqual([]);
});

test("lists its endpoints and workers the way the Python client asks", async () => {
  await post("/worker_status/", makeStatus());
  const list = await (await fetch(`${url}/api/v0/endptjobs/?client_id=me&api_key=x`)).json();
  expect(list).toMatchObject({ results: [{ id: 1, endpoint_name: "local", api_key: "local" }] });
  expect(await (await fetch(`${url}/api/v0/endptjobs/1/`)).json()).toMatchObject({ result: { id: 1 } });
  expect((await fetch(`${url}/api/v0/endptjobs/2/`)).status).toBe(404);
  const workers = await post("/get_endpoint_workers/", { id: 1, api_key: "the account's" });
  expect(workers.answer).toMatchObject([{ id: 1, status: "ready", measured_perf: 100 }]);
  expect((await post("/get_endpoint_workers/", { id: 2 })).answer).toEqual({ error_msg: "no endpoint has the id 2" });
});

test("tells every worker to update, each with its own token, and says which did not", async () => {
  const seen: unknown[] = [];
  const worker = createServer((request, response) => {
    seen.push([request.method, request.url, request.headers.authorization]);
    response.end();
  });
  await new Promise<void>((resolve) => worker.listen(0, "127.0.0.1", resolve));
  const address = worker.address();
  const workerUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  await post("/worker_status/", makeStatus({ id: 1, mtoken: "first", url: workerUrl }));
  expect(await post("/update_workers/", {})).toEqual({ status: 200, answer: { ok: true, failed: [] } });
  expect(seen).toEqual([["POST", "/pyworker/update", "Bearer first"]]);
  worker.closeAllConnections();
  await new Promise((resolve) => worker.close(resolve));
  expect(await post("/update_workers/", {})).toMatchObject({ status: 502, answer: { ok: false, failed: [{ id: 1 }] } });
});

test("has a certificate for the Python client, which is no authority", async () => {
  const certificate = new X509Certificate(await (await fetch(`${url}/static/jvastai_root.cer`)).text());
  expect(certificate.ca).toBe(false);
});

test("shows what it knows, but no worker's token", async () => {
  await post("/worker_status/", makeStatus({ mtoken: "secret" }));
  const text = await (await fetch(url)).text();
  expect(JSON.parse(text)).toMatchObject({ endpoints: ["local"], workers: [{ id: 1 }], violations: [] });
  expect(text).not.toContain("secret");
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
});

test("waits for a worker, and says what there is when none comes", async () => {
  const waiting = engine.waitForWorker(({ status }) => status === "ready");
  await post("/worker_status/", makeStatus({ id: 3 }));
  expect((await waiting).id).toBe(3);
  await expect(engine.waitForWorker(({ id }) => id === 4, { timeoutMs: 20 })).rejects.toThrow("none within 0.02 s");
});

test("ends whoever waits when it stops, and comes back to the same address", async () => {
  const waiting = engine.waitForWorker(() => false);
  await Promise.all([expect(waiting).rejects.toThrow("the engine has stopped"), engine.stop()]);
  expect((await engine.start()).url).toBe(url);
  expect(await (await fetch(`${url}/pubkey/`)).text()).toBe(engine.publicKeyPem);
});

test("rejects where the port is taken", async () => {
  const second = createEngine({ port: Number(new URL(url).port) });
  await expect(second.start()).rejects.toThrow("EADDRINUSE");
});
