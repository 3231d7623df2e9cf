import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ReportBody, until } from "@pyworker/testing";
import { askSession, type OpenSession, openSession } from "../harness/session-client.ts";
import type { Model, ModelRequest } from "../harness/start-model.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { statusAfter } from "../harness/wait-for.ts";

const { startModel, startWorker } = createStarters();
let model: Model;
let worker: WorkerUnderTest;
/** Answers the model still owes to requests whose path or payload says "held". */
let held: (() => void)[] = [];

beforeAll(async () => {
  model = await startModel(({ body, url }, response) => {
    if (`${url}${body}`.includes("held")) {
      held.push(() => response.end("{}"));
    } else {
      response.end("{}");
    }
  });
  worker = await startWorker({
    program: "every-feature",
    modelUrl: model.url,
    env: { SESSION_CLOSE_HOSTS: "localhost, other.example" },
  });
  await worker.becomeReady();
});

beforeEach(() => {
  held = [];
});

const requestsTo = (path: string): ModelRequest[] => model.requests.filter(({ url }) => url === path);
const bodiesOf = (path: string): unknown[] => requestsTo(path).map(({ body }) => JSON.parse(body.toString()));
const end = async (session: OpenSession) => (await askSession(worker, "end", session)).status;
const isOpen = async (session: OpenSession) =>
  ((await (await askSession(worker, "health", session)).json()) as { ok: boolean }).ok;
const deletionOf = ({ auth }: OpenSession): ReportBody[] =>
  worker.engine.deletions.filter(({ request_idx }) => request_idx === auth.request_idx);

verifies(["session/expire"], "closes a session that has expired, and tells its on_close_route", async () => {
  const session = await openSession(worker, { lifetime: 0.1, on_close_route: "/expired" });
  const other = await openSession(worker, { lifetime: 60 });
  await until(async () => !(await isOpen(session)), { timeoutMs: 7000, what: () => "a closed session" });
  await until(() => bodiesOf("/expired").length > 0);
  expect(bodiesOf("/expired")).toEqual([{ session_id: session.id }]);
  await until(() => deletionOf(session).length > 0);
  expect(deletionOf(session)).toMatchObject([{ status: "Success" }]);
  expect(await isOpen(other)).toBe(true);
  expect(await end(other)).toBe(200);
});

verifies(["session/close-aborts"], "aborts what runs in a session when it closes, and nothing else", async () => {
  const session = await openSession(worker);
  const inside = worker.send("/parallel", { held: "inside" }, { auth: session.auth, sessionId: session.id });
  await until(() => held.length === 1);
  const waiting = worker.send("/serial-a", { held: "first" }, { auth: session.auth, sessionId: session.id });
  await until(() => held.length === 2);
  const outside = worker.send("/parallel", { held: "outside" });
  await until(() => held.length === 3);
  expect(await end(session)).toBe(200);
  expect([(await inside).status, (await waiting).status]).toEqual([410, 410]);
  const aborted = () => model.requests.filter(({ abortedAt }) => abortedAt !== undefined);
  await until(() => aborted().length === 2);
  expect(aborted().map(({ body }) => JSON.parse(body.toString()).held)).toEqual(["inside", "first"]);
  held[2]?.();
  expect((await outside).status).toBe(200);
});

verifies(["session/on-close"], "posts on_close_payload and the session's id to on_close_route", async () => {
  const payload = { job: 9_007_199_254_740_991, nested: { a: [1, null] } };
  const session = await openSession(worker, { on_close_route: "/closed?by=client", on_close_payload: payload });
  expect(requestsTo("/closed?by=client")).toEqual([]);
  expect(await end(session)).toBe(200);
  expect(bodiesOf("/closed?by=client")).toEqual([{ ...payload, session_id: session.id }]);
  expect(requestsTo("/closed?by=client")).toMatchObject([
    { method: "POST", headers: { "content-type": "application/json" } },
  ]);
});

verifies(["session/on-close-host", "D34"], "calls no host that the configuration doesn't name", async () => {
  const forbidden = await startModel((_request, response) => response.end());
  const { port } = new URL(forbidden.url);
  const tries = [`${forbidden.url}/closed`, `//127.0.0.1:${port}/closed`, `/\\127.0.0.1:${port}/closed`];
  for (const on_close_route of [...tries, "http://169.254.169.254/latest/", "file:///etc/passwd", "http://[::1]/"]) {
    const refused = await worker.send("/session/create", { on_close_route });
    expect([on_close_route, refused.status]).toEqual([on_close_route, 422]);
    expect(await refused.json()).toEqual({ payload: { on_close_route: expect.any(String) } });
  }
  const allowed = await openSession(worker, { on_close_route: `http://localhost:${port}/allowed` });
  const own = await openSession(worker, { on_close_route: `${model.url}/own` });
  expect([await end(allowed), await end(own)]).toEqual([200, 200]);
  expect(forbidden.requests.map(({ url }) => url)).toEqual(["/allowed"]);
  expect(bodiesOf("/own")).toEqual([{ session_id: own.id }]);
});

verifies(["session/end", "D35"], "lets a slow on_close_route hold up its own session alone", async () => {
  const slow = await openSession(worker, { on_close_route: "/held/closed" });
  const expiring = await openSession(worker, { lifetime: 0.1, on_close_route: "/held/expired" });
  const next = await openSession(worker, { lifetime: 0.2 });
  const ending = end(slow);
  await until(() => requestsTo("/held/closed").length === 1);
  const again = await askSession(worker, "end", slow);
  expect([again.status, await again.json()]).toEqual([410, { error: "session already closed" }]);
  await until(async () => !(await isOpen(next)) && !(await isOpen(expiring)), { timeoutMs: 7000 });
  const other = await openSession(worker);
  expect(await end(other)).toBe(200);
  for (const answer of held) {
    answer();
  }
  expect(await ending).toBe(200);
  expect(await end(slow)).toBe(400);
});

verifies(["session/reports"], "counts a session as one request of its cost, from create to close", async () => {
  const counted = await startWorker({ program: "every-feature", modelUrl: model.url });
  await counted.becomeReady();
  const { engine } = counted;
  const session = await openSession(counted, {}, counted.authData({ cost: "300" }));
  const deletions = () => engine.deletions.filter(({ request_idx }) => request_idx === session.auth.request_idx);
  const own = { num_requests_working: 1, working_request_idxs: [session.auth.request_idx] };
  const opened = await engine.status(({ cur_load }) => cur_load === 300);
  expect(opened).toMatchObject(own);

  const inside = counted.send("/parallel", { cost: 20, held: true }, { auth: session.auth, sessionId: session.id });
  expect(await engine.status(({ cur_load }) => cur_load === 320)).toMatchObject(own);
  // The load is told of before the model has the request.
  await until(() => held.length === 1);
  const answer = async () => {
    held[0]?.();
    expect((await inside).status).toBe(200);
  };
  expect(await statusAfter(engine, answer, ({ cur_load }) => cur_load === 300)).toMatchObject(own);

  expect(deletions()).toEqual([]);
  const close = async () => expect((await askSession(counted, "end", session)).status).toBe(200);
  expect(await statusAfter(engine, close, ({ cur_load }) => cur_load === 0)).toMatchObject({
    num_requests_working: 0,
    working_request_idxs: [],
    num_requests_recieved: opened.num_requests_recieved,
  });
  await until(() => deletions().length > 0);
  expect(deletions()).toMatchObject([{ status: "Success", success: true }]);
  expect(engine.sum("cur_perf")).toBe(320);
  expect(engine.sum("new_load")).toBe(320);
});
