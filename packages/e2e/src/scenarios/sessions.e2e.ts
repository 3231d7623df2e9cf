import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { askSession, type OpenSession, openSession } from "../harness/session-client.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startModel, startWorker } = createStarters();
/** As workers/every-feature.ts has it. */
const maxSessions = 3;
let worker: WorkerUnderTest;

beforeAll(async () => {
  const model = await startModel((_request, response) => response.end("{}"));
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  await worker.becomeReady();
});

const openSessions = () => worker.metric("pyworker_sessions");
const create = (payload: unknown, auth = worker.authData()) => worker.send("/session/create", payload, { auth });
const end = async (session: OpenSession) => expect((await askSession(worker, "end", session)).status).toBe(200);
const get = async (session: OpenSession) => (await askSession(worker, "get", session)).json();
const now = () => Date.now() / 1000;

verifies(["session/create", "D31"], "opens a session for whoever asks rightly, and none for anybody else", async () => {
  const before = now();
  const session = await openSession(worker, {}, worker.authData({ cost: "17.5" }));
  expect(session.id).toMatch(/^[A-Za-z0-9]{13}$/);
  expect(session.expiration).toBeGreaterThanOrEqual(before + 60);
  expect(session.expiration).toBeLessThanOrEqual(now() + 60);
  const short = await openSession(worker, { lifetime: 2.5 });
  expect(short.expiration).toBeLessThanOrEqual(now() + 2.5);
  await Promise.all([end(session), end(short)]);

  const auth_data = worker.authData();
  const wrong: [body: unknown, answer: unknown][] = [
    ["{", { error: "invalid JSON" }],
    [{ payload: {} }, { auth_data: "field missing" }],
    [{ auth_data }, { payload: "field missing" }],
    [{ auth_data: { ...auth_data, cost: "much" }, payload: {} }, { auth_data: { cost: expect.any(String) } }],
    [{ auth_data, payload: { lifetime: -1 } }, { payload: { lifetime: expect.any(String) } }],
    [{ auth_data, payload: { lifetime: "1" } }, { payload: { lifetime: expect.any(String) } }],
    [{ auth_data, payload: { on_close_route: 7 } }, { payload: { on_close_route: expect.any(String) } }],
  ];
  for (const [body, answer] of wrong) {
    const response = await worker.post("/session/create", body);
    expect([response.status, await response.json()]).toEqual([422, answer]);
  }
  expect(await openSessions()).toBe(0);
});

verifies(["session/create-signed", "D31"], "opens no session for a signature that is not the engine's", async () => {
  const auth = { ...worker.authData({ cost: "1e12", request_idx: 31_313_131 }), signature: "AAAA" };
  for (let time = 0; time < 10; time += 1) {
    expect((await create({}, auth)).status).toBe(401);
  }
  expect(await openSessions()).toBe(0);
  expect(await worker.metric("pyworker_load")).toBe(0);
});

verifies(["session/limit"], "answers 429 at the limit, until a session ends", async () => {
  const sessions: OpenSession[] = [];
  for (let count = 0; count < maxSessions; count += 1) {
    sessions.push(await openSession(worker));
  }
  const refused = await create({});
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(await refused.json()).toEqual({ error: expect.any(String) });
  await Promise.all(sessions.slice(1).map(end));
  const again = await openSession(worker);
  await Promise.all([sessions[0], again].map((session) => session && end(session)));
});

verifies(["session/get"], "tells a session's owner all there is to know of it", async () => {
  const payload = { lifetime: 30, on_close_route: "/closed", on_close_payload: { seed: 1, deep: [null] } };
  const session = await openSession(worker, payload);
  const answer = await askSession(worker, "get", session);
  expect(answer.status).toBe(200);
  const got = (await answer.json()) as { created_at: number };
  expect(got).toEqual({
    ...payload,
    session_id: session.id,
    auth_data: session.auth,
    expiration: session.expiration,
    created_at: expect.any(Number),
  });
  expect(got.created_at).toBeCloseTo(session.expiration - 30, 5);
  const unknown = await askSession(worker, "get", { ...session, id: "AAAAAAAAAAAAA" });
  expect([unknown.status, await unknown.json()]).toEqual([400, { error: "session does not exist" }]);
  await expectSharedRefusals("get", session);
  await end(session);
});

verifies(["session/health"], "says whether a session is open", async () => {
  const session = await openSession(worker);
  const health = async (asked: OpenSession) => {
    const response = await askSession(worker, "health", asked);
    return [response.status, await response.json()];
  };
  expect(await health(session)).toEqual([200, { ok: true }]);
  expect(await health({ ...session, id: "AAAAAAAAAAAAA" })).toEqual([200, { ok: false }]);
  await expectSharedRefusals("health", session);
  await end(session);
  expect(await health(session)).toEqual([200, { ok: false }]);
});

verifies(["session/end"], "ends a session for its owner, on the internal port too", async () => {
  const session = await openSession(worker);
  await expectSharedRefusals("end", session);
  const ended = await askSession(worker, "end", session);
  expect([ended.status, await ended.json()]).toEqual([200, { ended: true, removed_session: session.id }]);
  expect((await askSession(worker, "end", session)).status).toBe(400);

  const other = await openSession(worker);
  const endInside = (session_auth: unknown) =>
    fetch(`${worker.internalUrl}/session/end`, {
      method: "POST",
      body: JSON.stringify({ session_id: other.id, session_auth }),
    });
  expect((await endInside(worker.authData())).status).toBe(401);
  expect((await endInside(other.auth)).status).toBe(200);
  expect(await openSessions()).toBe(0);
});

verifies(["session/request-auth", "D33"], "serves a session's requests for its own auth_data alone", async () => {
  const session = await openSession(worker);
  const statusOf = async (auth: OpenSession["auth"], sessionId = session.id) =>
    (await worker.send("/parallel", {}, { auth, sessionId })).status;
  expect(await statusOf(session.auth)).toBe(200);
  expect(await statusOf(worker.authData())).toBe(401);
  expect(await statusOf({ ...session.auth, cost: "257" })).toBe(401);
  expect(await statusOf(session.auth, "AAAAAAAAAAAAA")).toBe(410);
  await end(session);
  expect(await statusOf(session.auth)).toBe(410);
});

verifies(["session/extend", "D32"], "extends a session by every request of its own, and by no other", async () => {
  const session = await openSession(worker, { lifetime: 30 });
  const expiration = async () => ((await get(session)) as { expiration: number }).expiration;
  const request = (auth = session.auth) => worker.send("/parallel", {}, { auth, sessionId: session.id });
  expect((await request()).status).toBe(200);
  expect(await expiration()).toBe(session.expiration + 30);
  for (const auth of [worker.authData(), { ...session.auth, signature: "AAAA" }, { ...session.auth, reqnum: -1 }]) {
    expect((await request(auth)).status).toBe(401);
  }
  expect(await expiration()).toBe(session.expiration + 30);
  expect((await request()).status).toBe(200);
  expect(await expiration()).toBe(session.expiration + 60);
  await end(session);
});

verifies(["D35"], "names sessions as nobody can guess", async () => {
  const ids = new Set<string>();
  for (let count = 0; count < 50; count += 1) {
    const session = await openSession(worker);
    ids.add(session.id);
    await end(session);
  }
  expect(ids.size).toBe(50);
  // Fifty times thirteen of 62 characters: every place has many of them, and hardly one is missing.
  const places = Array.from({ length: 13 }, (_, place) => new Set([...ids].map((id) => id.charAt(place))));
  expect(Math.min(...places.map(({ size }) => size))).toBeGreaterThan(20);
  expect(new Set([...ids].join("")).size).toBeGreaterThan(58);
  await until(async () => (await openSessions()) === 0);
});

async function expectSharedRefusals(route: "get" | "health" | "end", session: OpenSession): Promise<void> {
  const ask = async (body: unknown) => (await worker.post(`/session/${route}`, body)).status;
  expect(await ask({ session_id: session.id, session_auth: worker.authData() })).toBe(401);
  expect(await ask({ session_id: session.id })).toBe(401);
  expect(await ask({ session_auth: session.auth })).toBe(422);
  expect(await ask({ session_id: 7, session_auth: session.auth })).toBe(422);
  expect(await ask("no json")).toBe(422);
}
