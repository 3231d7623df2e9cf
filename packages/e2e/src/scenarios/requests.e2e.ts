import { beforeAll, expect } from "@jest/globals";
import { startVllmServer, until, type VllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";
import { said } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();
const payload = { prompt: "Hello", max_tokens: 4 };
let model: VllmServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startVllmServer();
  cleanUp(() => model.stop());
  worker = await startWorker({ modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
});

/** How often the model was asked this. */
const timesAsked = (route: string): number => model.requests.filter(({ path }) => path === route).length;

const answerOf = async (sent: Promise<Response>): Promise<{ status: number; body: unknown }> => {
  const response = await sent;
  return { status: response.status, body: await response.json() };
};

verifies(["request/invalid-json", "D26"], "answers 422 to a body that is no JSON object", async () => {
  const routes = ["/v1/completions", "/session/create", "/session/get", "/session/health", "/session/end"];
  for (const route of routes) {
    for (const body of ["{", "", "[]", "7", '"text"', "null", "\ud800{"]) {
      const answer = await answerOf(worker.post(route, body));
      expect([route, body, answer]).toEqual([route, body, { status: 422, body: { error: "invalid JSON" } }]);
    }
  }
});

verifies(["request/missing-keys"], "names all that is missing at once", async () => {
  const full = { auth_data: worker.authData(), payload };
  const { signature: _signature, reqnum: _reqnum, ...partial } = full.auth_data;
  const cases: [body: unknown, expected: unknown][] = [
    [{}, { auth_data: "field missing", payload: "field missing" }],
    [{ auth_data: full.auth_data }, { payload: "field missing" }],
    [{ payload }, { auth_data: "field missing" }],
    [{ auth_data: partial, payload }, { auth_data: { signature: "missing parameter", reqnum: "missing parameter" } }],
    [
      { auth_data: partial },
      { auth_data: { signature: "missing parameter", reqnum: "missing parameter" }, payload: "field missing" },
    ],
  ];
  for (const [body, expected] of cases) {
    expect(await answerOf(worker.post("/v1/completions", body))).toEqual({ status: 422, body: expected });
  }
});

verifies(["request/refused-payload"], "names each wrong field of a payload by its path", async () => {
  const seen = timesAsked("/v1/chat/completions");
  const chat = {
    messages: [
      { role: "user", content: "hi" },
      { role: 5, content: "hi" },
    ],
    max_tokens: -1,
  };
  const answer = await answerOf(worker.send("/v1/chat/completions", chat));
  expect(answer).toEqual({
    status: 422,
    body: { payload: { "messages.1.role": expect.any(String), max_tokens: expect.any(String) } },
  });
  expect(timesAsked("/v1/chat/completions")).toBe(seen);
});

verifies(
  ["request/extra-auth-keys", "request/cost", "request/null-session"],
  "takes what engines and clients really send",
  async () => {
    const { authData } = worker;
    const bodies = [
      { auth_data: { ...authData(), __request_id: "7", anything: { else: 1 } }, payload },
      { auth_data: authData({ cost: "256" }), payload, session_id: null },
      { auth_data: { ...authData(), cost: 256.5 }, payload },
    ];
    for (const body of bodies) {
      expect((await worker.post("/v1/completions", body)).status).toBe(200);
    }
  },
);

verifies(["request/unknown-session"], "answers 410 to a session that isn't there", async () => {
  const answer = await answerOf(worker.send("/v1/completions", payload, { sessionId: "AAAAAAAAAAAAA" }));
  expect(answer).toEqual({ status: 410, body: { error: "invalid session" } });
});

verifies(["request/unknown-route", "D26"], "answers 404 and 405 to what nobody offers", async () => {
  const { url } = worker;
  expect((await answerOf(worker.post("/v1/embeddings", {}))).status).toBe(404);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/V1/completions`, { method: "POST" })).status).toBe(404);
  const wrongMethod = await fetch(`${url}/v1/completions`);
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers.get("allow")).toBe("POST");
  expect((await fetch(`${url}/session/create`, { method: "DELETE" })).status).toBe(405);
});

verifies(["request/too-large", "D25"], "answers 413 to a body over the limit, announced or not", async () => {
  const other = await startWorker({ program: "every-feature", modelUrl: model.url });
  cleanUp(() => other.stop());
  await other.log("LOADED");
  await other.engine.status(({ max_perf }) => Number(max_perf) > 0);
  const seen = timesAsked("/strict");
  const big = { prompt: "x".repeat(3000) };
  expect((await answerOf(other.send("/strict", big))).status).toBe(413);
  const chunks = [JSON.stringify({ auth_data: other.authData(), payload: big })].map((text) => Buffer.from(text));
  const chunked = await fetch(`${other.url}/strict`, {
    method: "POST",
    body: ReadableStream.from(chunks),
    duplex: "half",
  } as RequestInit);
  expect(chunked.status).toBe(413);
  expect((await other.send("/strict", { prompt: "x".repeat(100) })).status).toBe(404);
  expect(timesAsked("/strict")).toBe(seen + 1);
});

verifies(
  ["request/not-ready", "D3"],
  "answers 503 with Retry-After until the model is ready, and forwards nothing",
  async () => {
    const other = await startWorker({ modelUrl: model.url });
    cleanUp(() => other.stop());
    // The key arrives right after the start; until then, too, the answer is 503.
    const early = await until(() => other.send("/v1/completions", payload).catch(() => undefined));
    expect(early.status).toBe(503);
    const seen = timesAsked("/v1/completions");
    await said(other, '"public key"');
    const loading = await other.send("/v1/completions", payload);
    expect(loading.status).toBe(503);
    expect(Number(loading.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await loading.json()).toEqual({ error: expect.stringContaining("not ready") });
    expect(timesAsked("/v1/completions")).toBe(seen);
    await other.becomeReady();
    expect((await other.send("/v1/completions", payload)).status).toBe(200);
  },
);

verifies(
  ["env/unsecured", "D36", "D43"],
  "with UNSECURED takes curl, OpenAI clients and the SDK's debug mode",
  async () => {
    const other = await startWorker({
      modelUrl: model.url,
      env: { UNSECURED: "true", CONTAINER_ID: undefined, PUBLIC_IPADDR: undefined },
    });
    cleanUp(() => other.stop());
    await other.becomeReady();
    const bodies = [
      payload,
      { payload },
      { auth_data: { request_idx: 1, url: other.url }, session_id: null, payload },
      { auth_data: {}, payload: { input: payload } },
    ];
    for (const body of bodies) {
      expect((await other.post("/v1/completions", body)).status).toBe(200);
    }
    expect(await answerOf(other.post("/v1/completions", "no json"))).toMatchObject({ status: 422 });
    expect(other.process.output()).toContain("UNSECURED is true");
  },
);
