import { join } from "node:path";
import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ModelServer, until } from "@pyworker/testing";
import { type LlmBackend, llmBackends } from "../harness/llm-backends.ts";
import { connectRaw, rawPost } from "../harness/raw-connection.ts";
import { reported, type WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { statusAfter } from "../harness/wait-for.ts";

const { makeFolder, startModelServer, startWorker } = createStarters();

interface Pair {
  model: ModelServer;
  worker: WorkerUnderTest;
}

/** What it says to everybody, however much it may say. */
const outputTokens = 20;
const pairs = new Map<LlmBackend, Pair>();

/** The worker waits for a log that the model begins to write later. One backend after the other: each is measured. */
async function startPair(backend: LlmBackend): Promise<Pair> {
  const logFile = join(await makeFolder(), "model.log");
  const model = await startModelServer(backend.startModel, { logFile, outputTokens, startDelayMs: 200 });
  const worker = await startWorker({
    program: backend.name,
    modelUrl: model.url,
    savedPerf: null,
    env: { MODEL_LOG: logFile },
  });
  await worker.engine.status(({ max_perf: perf }) => Number(perf) > 0);
  return { model, worker };
}

beforeAll(async () => {
  for (const backend of llmBackends) {
    pairs.set(backend, await startPair(backend));
  }
}, 120_000);

beforeEach(() => {
  for (const { model } of pairs.values()) {
    model.faults.set({});
  }
});

function pairOf(backend: LlmBackend): Pair {
  const pair = pairs.get(backend);
  if (pair === undefined) {
    throw new Error(`${backend.name} has not started`);
  }
  return pair;
}

const askModel = (model: ModelServer, route: string, payload: object): Promise<Response> =>
  fetch(model.url + route, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });

const prompt = "Say something that is short.";

for (const backend of llmBackends) {
  const { name } = backend;

  verifies(["llm/ready"], `${name}: is ready by the log that the model server writes, and measured`, async () => {
    const { model, worker } = pairOf(backend);
    expect(model.requests.some(({ method }) => method === "POST")).toBe(true);
    expect(worker.engine.statuses.at(-1)).toMatchObject({ error_msg: "" });
  });

  verifies(["llm/same-answers"], `${name}: answers as the model server does, whole and streamed`, async () => {
    const { model, worker } = pairOf(backend);
    for (const stream of [false, true]) {
      const { payload, route } = backend.request({ prompt, maxTokens: 30, stream });
      const direct = await askModel(model, route, payload);
      const answer = await worker.send(route, payload);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, direct.headers.get("content-type")]);
      expect(withoutTimes(await answer.text())).toBe(withoutTimes(await direct.text()));
    }
  });

  verifies(["llm/bad-fields"], `${name}: refuses a wrong field by its path`, async () => {
    const { model, worker } = pairOf(backend);
    const { route } = backend.request({ prompt, maxTokens: 1 });
    const lastAsked = () => model.requests.findLast(({ path }) => path === route);
    const before = lastAsked();
    const answer = await worker.send(route, backend.wrong.payload);
    const body: Record<string, object> = Object(await answer.json());
    expect([answer.status, Object.keys(body.payload ?? {})]).toEqual([422, [backend.wrong.field]]);
    expect(lastAsked()).toBe(before);
  });

  verifies(["llm/settled"], `${name}: books what was used, not what was allowed`, async () => {
    const { worker } = pairOf(backend);
    for (const stream of [false, true]) {
      await reported(worker);
      const before = worker.engine.sum("cur_perf");
      const { payload, route } = backend.request({ prompt, maxTokens: 4000, stream });
      await (await worker.send(route, payload)).text();
      await reported(worker);
      // A quarter of the prompt's few tokens comes on top.
      const served = worker.engine.sum("cur_perf") - before;
      expect([name, stream, served >= outputTokens && served < outputTokens + 10]).toEqual([name, stream, true]);
    }
  });

  verifies(["llm/remaining"], `${name}: reports what remains of a request, less with every token`, async () => {
    const { model, worker } = pairOf(backend);
    const { payload, route } = backend.request({ prompt, maxTokens: 100, stream: true });
    model.faults.set({ stallAfterChunks: 15 });
    const leave = new AbortController();
    const answer = worker.send(route, payload, { signal: leave.signal });
    try {
      const left = await statusAfter(
        worker.engine,
        () => answer,
        ({ cur_load: load }) => Number(load) > 0 && Number(load) <= 100 - 13,
      );
      expect(Number(left.cur_load)).toBeGreaterThan(100 - 20);
    } finally {
      leave.abort();
      await answer.then((begun) => begun.text()).catch(() => "");
    }
    await until(async () => (await worker.metric("pyworker_load")) === 0);
  });

  verifies(["llm/stream-errors"], `${name}: counts an error in a stream as an error`, async () => {
    const { model, worker } = pairOf(backend);
    const before = await worker.metric("pyworker_requests_total", { outcome: "error" });
    model.faults.set({ errorAfterChunks: 3 });
    const { payload, route } = backend.request({ prompt, maxTokens: 30, stream: true });
    const auth = worker.authData();
    const answer = await worker.send(route, payload, { auth });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"error"')]);
    const deletion = await until(() =>
      worker.engine.deletions.find(({ request_idx: index }) => index === auth.request_idx),
    );
    expect(deletion).toMatchObject({ status: "Error", success: false });
    expect(await worker.metric("pyworker_requests_total", { outcome: "error" })).toBe(before + 1);
  });

  verifies(["llm/disconnect", "F3"], `${name}: stops the model when the client leaves mid-stream`, async () => {
    const { model, worker } = pairOf(backend);
    model.faults.set({ stallAfterChunks: 2 });
    const { payload, route } = backend.request({ prompt, maxTokens: 30, stream: true });
    const client = await connectRaw(worker.port);
    client.send(rawPost(route, JSON.stringify({ auth_data: worker.authData(), session_id: null, payload })));
    await until(() => client.received().includes("data:"));
    client.close();
    const lastAsked = () => model.requests.findLast(({ path }) => path === route);
    await until(() => lastAsked()?.abortedAt !== undefined, { what: () => "the model to hear of it" });
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
  });

  verifies(["llm/chat"], `${name}: chats, whole and streamed`, async () => {
    const { worker } = pairOf(backend);
    const messages = [{ role: "user", content: prompt }];
    for (const stream of [false, true]) {
      const answer = await worker.send("/v1/chat/completions", { messages, max_tokens: 12, stream });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("stand-in")]);
    }
  });

  verifies(["llm/max-queue-time"], `${name}: refuses a request that would wait above MAX_QUEUE_TIME`, async () => {
    const { model } = pairOf(backend);
    const { payload, route } = backend.request({ prompt, maxTokens: 3000 });
    const holds = () =>
      model.requests.some((request) => request.path === route && !request.completed && request.abortedAt === undefined);
    for (const [seconds, expected] of [
      ["20", 429],
      ["40", 200],
    ] as const) {
      const env = { MAX_QUEUE_TIME: seconds };
      const worker = await startWorker({ program: name, modelUrl: model.url, savedPerf: "100", env });
      await worker.becomeReady();
      model.faults.set({ stall: true });
      const leave = new AbortController();
      const held = worker.send(route, payload, { signal: leave.signal }).catch(() => undefined);
      try {
        // Were it healed before it has the request, it would answer it.
        await until(holds);
        model.faults.set({});
        expect((await worker.send(route, payload)).status).toBe(expected);
      } finally {
        leave.abort();
        await held;
      }
      await until(() => !holds());
    }
  });

  verifies(["llm/fatal"], `${name}: reports what its log says is fatal, and is back when the model is`, async () => {
    const { model, worker } = pairOf(backend);
    const { line, pattern } = backend.fatal;
    const errored = await statusAfter(
      worker.engine,
      async () => {
        await model.log(line);
        await model.kill();
      },
      ({ error_msg: told }) => told !== "",
    );
    expect([errored.error_msg, errored.max_perf]).toEqual([pattern, 0]);
    const ready = await statusAfter(
      worker.engine,
      () => model.restart(),
      ({ max_perf: perf }) => Number(perf) > 0,
    );
    expect(ready.error_msg).toBe("");
  });
}

/** Answers alike but for how long they took. */
const withoutTimes = (text: string): string =>
  text.replace(/"(timings|seed|created|id)":("[^"]*"|\d+|\{[^}]*\})/g, '"$1":0');
