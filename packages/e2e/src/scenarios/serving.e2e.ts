import { writeFile } from "node:fs/promises";
import { beforeEach, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn } from "../harness/wait-for.ts";

const { startWorker } = createStarters();
let worker: WorkerUnderTest;

beforeEach(async () => {
  worker = await startWorker({ program: "serving", env: { WATCH_SAYS: "loaded" } });
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
});

const byHeader = () => ({
  "x-serverless-auth": Buffer.from(JSON.stringify(worker.authData())).toString("base64url"),
});

async function stateOf(id: string): Promise<unknown> {
  const response = await fetch(`${worker.url}/job/${id}`, { headers: byHeader() });
  return Object.values(Object(await response.json()))[0];
}

const finish = (id: string): Promise<Response> =>
  fetch(`${worker.url}/job/${id}/finish`, { method: "POST", headers: byHeader() });

const inState = (id: string, state: string): Promise<boolean> =>
  until(async () => (await stateOf(id)) === state, { what: () => `${id} to be ${state}` });

const outcomes = (outcome: string): Promise<number> => worker.metric("pyworker_requests_total", { outcome });

verifies(["serve/answer"], "sends what a handler returns, and books its status", async () => {
  const answers = [200, 500, 499].map(async (status, index) => {
    const answer = worker.send("/job", { id: `answer-${index}`, status, needsTurn: false });
    return { sent: (await answer).status, body: await (await answer).json() };
  });
  expect(await Promise.all(answers)).toEqual([
    { sent: 200, body: { id: "answer-0" } },
    { sent: 500, body: { id: "answer-1" } },
    { sent: 499, body: { id: "answer-2" } },
  ]);
  expect(await Promise.all(["success", "error", "cancelled"].map(outcomes))).toEqual([1, 1, 1]);
  await until(() => worker.engine.deletions.length === 3);
  expect(worker.engine.deletions.map(({ status }) => status).sort()).toEqual(["Cancelled", "Error", "Success"]);
});

verifies(["serve/early", "serve/turn", "serve/drain"], "goes on after an early answer, in its turn", async () => {
  const first = worker.send("/job", { id: "first" });
  await inState("first", "running");
  const early = await worker.send("/job", { id: "early", kind: "early" });
  expect({ status: early.status, body: await early.json() }).toEqual({ status: 202, body: { id: "early" } });
  expect(await stateOf("early")).toBe("queued");
  await worker.engine.status(({ cur_load, num_requests_working }) => cur_load === 20 && num_requests_working === 2);
  await finish("first");
  expect((await first).status).toBe(200);
  await inState("early", "running");
  const stopped = worker.process.stop("SIGTERM");
  await until(() => isIn(worker, "draining"));
  expect((await worker.send("/job", { id: "late" })).status).toBe(503);
  await finish("early");
  expect(await stopped).toBe(0);
  expect(worker.engine.deletions.map(({ status }) => status).sort()).toEqual(["Rejected", "Success", "Success"]);
});

verifies(["serve/events"], "streams events, the first of them while the request waits", async () => {
  const first = worker.send("/job", { id: "first" });
  await inState("first", "running");
  const stream = await worker.send("/job", { id: "stream", kind: "events" });
  expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('data: {"state":"queued"}\n\n');
  await finish("first");
  await first;
  await inState("stream", "running");
  await finish("stream");
  let rest = "";
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    rest += read.value;
  }
  expect(rest).toBe('data: {"state":"running"}\n\ndata: {"state":"done"}\n\n');
});

verifies(["serve/release"], "gives a released turn to the next request", async () => {
  const first = worker.send("/job", { id: "first", releasesEarly: true });
  await inState("first", "running");
  const second = worker.send("/job", { id: "second" });
  await inState("second", "running");
  await Promise.all(["first", "second"].map(finish));
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
});

verifies(["serve/disconnect"], "ends the work of a client that leaves, and of no other", async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const running = worker.send("/job", { id: "leaves-0" }, { signal: first.signal });
  await inState("leaves-0", "running");
  const waiting = worker.send("/job", { id: "leaves-1" }, { signal: second.signal });
  const settled = Promise.allSettled([running, waiting]);
  await inState("leaves-1", "queued");
  const staying = worker.send("/job", { id: "stays" });
  await inState("stays", "queued");
  second.abort();
  await until(async () => (await outcomes("cancelled")) === 1);
  first.abort();
  await settled;
  await inState("leaves-0", "aborted");
  await inState("stays", "running");
  expect(await stateOf("leaves-1")).toBe("queued");
  await finish("stays");
  expect((await staying).status).toBe(200);
  await until(async () => (await outcomes("cancelled")) === 2);
});

verifies(["serve/throws"], "answers 500 to what throws", async () => {
  const answer = await worker.send("/job", { id: "throws", kind: "throws", needsTurn: false });
  expect({ status: answer.status, body: await answer.json() }).toEqual({
    status: 500,
    body: { error: "the worker failed" },
  });
});

verifies(["control/signed"], "answers control requests that are signed, however they are", async () => {
  const url = `${worker.url}/job/any`;
  const query = new URLSearchParams(
    Object.entries(worker.authData()).map(([name, value]): [string, string] => [`serverless_${name}`, String(value)]),
  );
  const envelope = (auth: object) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth_data: auth, payload: {} }),
  });
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: byHeader() })).status).toBe(200);
  expect((await fetch(`${url}?${query}`)).status).toBe(200);
  const forged = { ...worker.authData(), signature: "AAAA" };
  expect((await fetch(`${url}/finish`, envelope(forged))).status).toBe(401);
  expect((await fetch(`${url}/finish`, envelope(worker.authData()))).status).toBe(404);
  expect((await fetch(`${url}/other`, { headers: byHeader() })).status).toBe(404);
});

verifies(["control/load"], "counts control requests nowhere", async () => {
  await finish("any");
  await stateOf("any");
  expect(await worker.metric("pyworker_requests_total")).toBe(0);
});

verifies(["watch/loaded", "watch/once"], "takes a watcher's word, and measures a load once", async () => {
  await worker.log("LOADED");
  await until(() => worker.process.output().includes("model log"));
  expect(worker.process.output().match(/benchmark complete|using the saved benchmark/g)).toHaveLength(1);
  const failed = await startWorker({ program: "serving", env: { WATCH_SAYS: "it is broken" } });
  await failed.engine.status(({ error_msg }) => error_msg === "it is broken");
});

verifies(["log/several"], "reads several logs", async () => {
  const env = { SECOND_LOG: `${worker.folder}/second.log`, MODEL_LOG: undefined };
  const other = await startWorker({ program: "serving", env });
  await writeFile(env.SECOND_LOG, "LOADED\n");
  await other.engine.status(({ max_perf }) => Number(max_perf) > 0);
});
