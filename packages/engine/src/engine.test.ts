import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { WorkerStatus } from "@pyworker/core";
import { createEngine, type Engine } from "./engine.ts";

let engine: Engine;
let url: string;

beforeEach(async () => {
  engine = createEngine({ onViolation: () => {} });
  url = (await engine.start()).url;
});
afterEach(() => engine.stop());

const post = async (path: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> => {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, answer };
};

const status = (fields: Partial<WorkerStatus> = {}): WorkerStatus => ({
  id: 1,
  mtoken: "",
  version: "1.1.0",
  loadtime: 0,
  cur_load: 0,
  new_load: 0,
  cur_perf: 0,
  rej_load: 0,
  max_perf: 100,
  cur_capacity: 0,
  max_capacity: 0,
  error_msg: "",
  num_requests_working: 0,
  num_requests_recieved: 0,
  working_request_idxs: [],
  additional_disk_usage: 0,
  disk_usage: 1,
  url: "http://127.0.0.1:4000",
  ...fields,
});

const ask = { endpoint: "local", api_key: "local", cost: 10, request_idx: 0, replay_timeout: 60 };

test("routes to the worker with the least expected wait, and signs its URL", async () => {
  await post("/worker_status/", status({ id: 1, cur_load: 1000, url: "http://127.0.0.1:4001" }));
  await post("/worker_status/", status({ id: 2, cur_load: 0, url: "http://127.0.0.1:4002" }));
  const { answer } = await post("/route/", ask);
  expect(answer).toMatchObject({ url: "http://127.0.0.1:4002", cost: "10", endpoint: "local", request_idx: 1 });
  expect(answer.signature).toEqual(expect.any(String));
});

test("spreads requests between two reports by what it has routed itself", async () => {
  await post("/worker_status/", status({ id: 1, url: "http://127.0.0.1:4001" }));
  await post("/worker_status/", status({ id: 2, url: "http://127.0.0.1:4002" }));
  const urls = [(await post("/route/", ask)).answer.url, (await post("/route/", ask)).answer.url];
  expect(urls.sort()).toEqual(["http://127.0.0.1:4001", "http://127.0.0.1:4002"]);
});

test("answers without a URL while no worker is ready, and keeps the request's number", async () => {
  await post("/worker_status/", status({ max_perf: 0 }));
  const { answer } = await post("/route/", { ...ask, request_idx: 77 });
  expect(answer).toMatchObject({ request_idx: 77 });
  expect(answer.url).toBeUndefined();
});

test("answers a waiting client as soon as a worker is ready", async () => {
  const waiting = post("/route/", ask);
  await post("/worker_status/", status());
  expect((await waiting).answer.url).toBe("http://127.0.0.1:4000");
});

test("refuses an unknown endpoint and a wrong key", async () => {
  expect((await post("/route/", { ...ask, endpoint: "other" })).status).toBe(404);
  expect((await post("/route/", { ...ask, api_key: "other" })).status).toBe(401);
});

test("says so when a report breaks the contract", async () => {
  await post("/worker_status/", { id: 1 });
  await post("/worker_status/", status({ loadtime: 5 }));
  await post("/worker_status/", status({ loadtime: 5, version: "9" }));
  const deleted = { success: false, status: "Success", entered_queue_at: 2, work_started_at: 2, work_completed_at: 1 };
  await post("/delete_requests/", { worker_id: 1, mtoken: "", requests: [{ request_idx: 5, ...deleted }] });
  expect(engine.violations().map(({ rule }) => rule)).toEqual([
    "worker_status has the fields of the contract",
    "version is one of 1.1.0",
    "loadtime is sent until accepted, then 0",
    "a deleted request was routed by this engine",
    "success is true for Success and Cancelled",
    "a request completes after it entered the queue",
  ]);
});

test("lists its endpoints and workers the way the Python client asks", async () => {
  await post("/worker_status/", status());
  const list = await (await fetch(`${url}/api/v0/endptjobs/?client_id=me&api_key=x`)).json();
  expect(list).toMatchObject({ results: [{ id: 1, endpoint_name: "local", api_key: "local" }] });
  expect(await (await fetch(`${url}/api/v0/endptjobs/1/`)).json()).toMatchObject({ result: { id: 1 } });
  const workers = await post("/get_endpoint_workers/", { id: 1, api_key: "local" });
  expect(workers.answer).toMatchObject([{ id: 1, status: "ready", measured_perf: 100 }]);
});
