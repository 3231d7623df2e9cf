import { beforeAll, beforeEach, expect } from "@jest/globals";
import { until, type VllmServer } from "@pyworker/testing";
import { reported, type WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startVllmServer, startWorker } = createStarters();
let vllm: VllmServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  vllm = await startVllmServer({ cachedTokens: 60 });
  worker = await startWorker({ modelUrl: vllm.url });
  await worker.becomeReady();
});

beforeEach(() => vllm.faults.set({}));

const completion = { prompt: "Say something.", max_tokens: 12 };
const chat = { messages: [{ role: "user", content: "Say something." }], max_tokens: 12 };

interface Answer {
  status: number;
  type: string | null;
  text: string;
}

const read = async (response: Response): Promise<Answer> => ({
  status: response.status,
  type: response.headers.get("content-type"),
  text: await response.text(),
});

/** What the model server answers without a worker before it. The stand-in says the same to all who ask the same. */
const askModel = async (route: string, request: unknown): Promise<Answer> =>
  read(
    await fetch(vllm.url + route, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    }),
  );

async function expectSameAnswers(route: string, request: Record<string, unknown>): Promise<void> {
  for (const more of [{}, { stream: true }, { n: 2 }, { stream: true, n: 2 }]) {
    const asked = { ...request, ...more };
    const direct = await askModel(route, asked);
    expect(direct).toMatchObject({ status: 200, text: expect.stringContaining("stand-in") });
    expect(await read(await worker.send(route, asked))).toEqual(direct);
    expect(await read(await worker.send(route, { input: asked }))).toEqual(direct);
  }
}

verifies(["text/completions"], "answers completions like the model, bare and wrapped, whole and streamed", () =>
  expectSameAnswers("/v1/completions", completion),
);

verifies(["text/chat"], "answers chats like the model, bare and wrapped, whole and streamed", () =>
  expectSameAnswers("/v1/chat/completions", chat),
);

verifies(
  ["text/completions", "text/chat"],
  "passes what only the model knows to be wrong, with its words",
  async () => {
    for (const [route, request] of [
      ["/v1/completions", { ...completion, model: "another" }],
      ["/v1/chat/completions", { ...chat, max_tokens: 100_000 }],
    ] as const) {
      const direct = await askModel(route, request);
      expect(direct.status).toBeGreaterThanOrEqual(400);
      expect(await read(await worker.send(route, request))).toEqual(direct);
    }
  },
);

verifies(["text/bad-fields"], "refuses wrong fields by their paths, before the model hears of them", async () => {
  const message = { role: "user", content: "hello" };
  const refused = [
    ["/v1/completions", { prompt: 5 }, ["prompt"]],
    ["/v1/completions", { prompt: [["one"], 2] }, ["prompt"]],
    ["/v1/completions", { ...completion, max_tokens: "many" }, ["max_tokens"]],
    ["/v1/completions", { ...completion, max_tokens: 1.5, n: 0 }, ["max_tokens", "n"]],
    ["/v1/completions", { input: { ...completion, stream: "yes" } }, ["input.stream"]],
    ["/v1/completions", { ...completion, stream_options: [] }, ["stream_options"]],
    ["/v1/chat/completions", {}, ["messages"]],
    ["/v1/chat/completions", { messages: [] }, ["messages"]],
    ["/v1/chat/completions", { messages: [message, { content: "hello" }] }, ["messages.1.role"]],
    ["/v1/chat/completions", { messages: [{ ...message, content: 5 }] }, ["messages.0.content"]],
    ["/v1/chat/completions", { input: { ...chat, max_completion_tokens: {} } }, ["input.max_completion_tokens"]],
  ] as const;
  const timesAsked = () => vllm.requests.filter(({ path }) => refused.some(([route]) => route === path)).length;
  const before = timesAsked();
  for (const [route, payload, fields] of refused) {
    const answer = await worker.send(route, payload);
    const body: Record<string, object> = Object(await answer.json());
    expect([payload, answer.status, Object.keys(body.payload ?? {})]).toEqual([payload, 422, [...fields]]);
  }
  expect(timesAsked()).toBe(before);
});

verifies(["text/usage-stripped"], "asks the model for usage on its own account, and keeps it to itself", async () => {
  const streamed = { ...completion, stream: true };
  for (const [asked, isTold] of [
    [streamed, false],
    [{ ...streamed, stream_options: null }, false],
    [{ ...streamed, stream_options: { include_usage: false } }, false],
    [{ ...streamed, stream_options: { include_usage: true } }, true],
  ] as const) {
    const direct = await askModel("/v1/completions", asked);
    const answer = await read(await worker.send("/v1/completions", asked));
    expect(answer).toEqual(direct);
    expect([asked, answer.text.includes('"usage"')]).toEqual([asked, isTold]);
    const request = vllm.requests.findLast(({ path }) => path === "/v1/completions");
    expect(JSON.parse(String(request?.body))).toMatchObject({ stream_options: { include_usage: true } });
  }
});

/** A prompt of a hundred tokens, whoever counts them. */
const hundred = Array.from({ length: 100 }, (_, id) => id);

verifies(["text/workload"], "counts the expected output and a quarter of the prompt, then what it was", async () => {
  const { engine } = worker;
  await reported(worker);
  const before = { received: engine.sum("new_load"), served: engine.sum("cur_perf") };
  for (const stream of [false, true]) {
    await worker.send("/v1/completions", { prompt: hundred, max_tokens: 64, stream }).then((answer) => answer.text());
  }
  // 60 of the hundred were cached: each has cost 10 + 64, of which the first guess knew nothing.
  await until(() => engine.sum("cur_perf") === before.served + 2 * 74, {
    what: () => `148 served; there are ${engine.sum("cur_perf") - before.served}`,
  });
  expect(engine.sum("new_load")).toBe(before.received + 2 * 74);

  vllm.faults.set({ stall: true });
  const leave = new AbortController();
  const sent = [
    { prompt: hundred, max_tokens: 64 },
    { prompt: [hundred, hundred], max_tokens: 64, n: 2 },
    { prompt: hundred },
  ].map((payload) => worker.send("/v1/completions", payload, { signal: leave.signal }).catch(() => ""));
  // 25 + 64; 50 + 4 × 64; 25 + vLLM's own default of 16.
  await engine.status(({ cur_load }) => cur_load === 89 + 306 + 41);
  leave.abort();
  await Promise.all(sent);
});

verifies(["text/models", "passthrough/signed"], "passes the list of models on, to whoever is signed", async () => {
  const header = Buffer.from(JSON.stringify(worker.authData())).toString("base64url");
  for (const path of ["/v1/models", "/version"]) {
    const direct = await (await fetch(vllm.url + path)).json();
    const answer = await fetch(worker.url + path, { headers: { "x-serverless-auth": header } });
    expect([answer.status, await answer.json()]).toEqual([200, direct]);
    expect((await fetch(worker.url + path)).status).toBe(401);
  }
});

verifies(["D36", "text/chat"], "takes plain OpenAI requests, and the SDK's for debugging, when UNSECURED", async () => {
  const local = await startWorker({
    modelUrl: vllm.url,
    env: { UNSECURED: "true", CONTAINER_ID: undefined, PUBLIC_IPADDR: undefined },
  });
  await local.becomeReady();
  const direct = await askModel("/v1/chat/completions", chat);
  expect(await read(await local.post("/v1/chat/completions", chat))).toEqual(direct);
  const debug = { auth_data: { request_idx: 1, url: local.url }, payload: chat };
  expect(await read(await local.post("/v1/chat/completions", debug))).toEqual(direct);
});
