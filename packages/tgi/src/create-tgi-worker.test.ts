import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type FakeEngine,
  type ModelServer,
  postJson,
  startFakeEngine,
  startInProcess,
  startTgiServer,
  until,
} from "@pyworker/testing";
import { createTgiWorker } from "./create-tgi-worker.ts";

const patience = 60_000;
const outputTokens = 20;
const cleanUps: (() => Promise<unknown>)[] = [];
let engine: FakeEngine;
let model: ModelServer;
let url: string;

/** A model server, a worker beside it that has measured it, and the engine that has heard of that. */
async function startAll(options: { json: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-tgi-"));
  const logFile = join(folder, "infer.log");
  const listener = await startFakeEngine();
  const server = await startTgiServer({
    ...options,
    logFile,
    outputTokens,
    maxTotalTokens: 300,
    maxConcurrentRequests: 4,
  });
  const worker = await startInProcess(
    { reportUrl: listener.url, modelUrl: server.url, modelLog: logFile },
    (environment) => createTgiWorker({ environment }),
  );
  cleanUps.push(
    () => rm(folder, { recursive: true }),
    () => listener.close(),
    () => server.stop(),
    () => worker.stop(),
  );
  await listener.status(({ max_perf: perf }) => Number(perf) > 0, patience);
  return { listener, server, worker };
}

beforeAll(async () => {
  const { listener, server, worker } = await startAll({ json: false });
  [engine, model, url] = [listener, server, worker.url];
}, patience);

beforeEach(() => model.faults.set({}));

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

const generate = (parameters: object, signal: AbortSignal | null = null) =>
  postJson(`${url}/generate`, { inputs: "Say hello", parameters }, signal);

test("measures with requests that the model server takes, no more at once than it takes", () => {
  const sent = model.requests.filter(({ path }) => path === "/generate");
  expect(sent.length % 4).toBe(1);
  for (const { body } of sent) {
    const { inputs, parameters } = JSON.parse(body.toString());
    expect(parameters).toEqual({ max_new_tokens: 128, temperature: 0.7, return_full_text: false });
    expect(inputs.split(" ")).toHaveLength(43);
  }
});

const messages = [{ role: "user", content: "Say hello" }];

test.each<[route: string, payload: object]>([
  ["/generate", { inputs: "Say hello", parameters: { details: true } }],
  ["/generate_stream", { inputs: "Say hello", parameters: { max_new_tokens: 7 } }],
  ["/", { inputs: "Say hello" }],
  ["/", { inputs: "Say hello", stream: true }],
  ["/v1/completions", { prompt: "Say hello" }],
  ["/v1/completions", { prompt: ["Say", "hello"], stream: true }],
  ["/v1/chat/completions", { messages, n: 3 }],
  ["/v1/chat/completions", { messages, stream: true }],
  ["/v1/chat/completions", { messages, stream: true, stream_options: { include_usage: true } }],
])("answers %s as the model server does: %j", async (route, payload) => {
  const direct = await postJson(model.url + route, payload);
  const through = await postJson(url + route, payload);
  expect([through.status, through.headers.get("content-type")]).toEqual([200, direct.headers.get("content-type")]);
  expect(await through.text()).toBe(await direct.text());
});

describe("the books", () => {
  beforeAll(async () => {
    // What the tests before have asked for is reported first.
    const reports = engine.statuses.length;
    await until(() => engine.statuses.length >= reports + 2);
  }, patience);

  test.each<[route: string, payload: object]>([
    ["/generate", { inputs: "Say hello", parameters: { max_new_tokens: 200 } }],
    ["/generate_stream", { inputs: "Say hello", parameters: { max_new_tokens: 200 } }],
    ["/generate_stream", { inputs: "Say hello", parameters: { max_new_tokens: 200, details: true } }],
    ["/", { inputs: "Say hello" }],
    ["/v1/completions", { prompt: "Say hello", stream: true }],
    ["/v1/chat/completions", { messages, max_tokens: 200, stream: true }],
  ])("hold what %s has used, not what was allowed: %j", async (route, payload) => {
    const before = engine.sum("cur_perf");
    await (await postJson(url + route, payload)).text();
    await until(() => engine.sum("cur_perf") > before);
    const served = engine.sum("cur_perf") - before;
    // A quarter of the prompt's few tokens comes on top.
    expect([served >= outputTokens, served < outputTokens + 6]).toEqual([true, true]);
  });

  test("hold the answers to several prompts together", async () => {
    const before = engine.sum("cur_perf");
    await (await postJson(`${url}/v1/completions`, { prompt: ["Say", "hello", "to"], stream: true })).text();
    await until(() => engine.sum("cur_perf") > before);
    expect(engine.sum("cur_perf") - before).toBeGreaterThanOrEqual(3 * outputTokens);
  });
});

test(
  "reports a running request as no more than fits the model",
  async () => {
    model.faults.set({ stall: true });
    const leaving = new AbortController();
    const payload = { inputs: " hello".repeat(100), parameters: { max_new_tokens: 5000 } };
    const answer = postJson(`${url}/generate`, payload, leaving.signal).catch(() => undefined);
    await engine.status(({ cur_load: load }) => load === 0.25 * 100 + 200, patience);
    leaving.abort();
    await answer;
  },
  patience,
);

test("an error inside a stream is an error", async () => {
  model.faults.set({ errorAfterChunks: 3 });
  const answer = await postJson(`${url}/generate_stream`, { inputs: "Say hello" });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"error_type":"generation"')]);
  expect(await until(() => engine.deletions.find(({ status }) => status === "Error"))).toMatchObject({
    success: false,
  });
});

test("refuses what the model server is known to refuse, by name", async () => {
  const before = model.requests.length;
  for (const [parameters, field] of [
    [{ best_of: 3, do_sample: true }, "parameters.best_of"],
    [{ stop: ["a", "b", "c", "d", "e"] }, "parameters.stop"],
    [{ truncate: 300 }, "parameters.truncate"],
  ] as const) {
    const answer = await generate(parameters);
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(field)]);
  }
  expect(model.requests.slice(before).filter(({ method }) => method === "POST")).toEqual([]);
});

test.each([
  ["/info", 200],
  ["/v1/models", 200],
  ["/metrics", 404],
  ["/docs", 404],
])("GET %s answers %d", async (path, status) => {
  expect((await fetch(url + path)).status).toBe(status);
});

describe("by a log of objects", () => {
  test(
    "is ready, reports what ends the model server, and is ready again when that is back",
    async () => {
      const { listener, server } = await startAll({ json: true });
      await server.log("Error: ShardFailed");
      await server.kill();
      await listener.status(({ error_msg: told }) => told === "Error: ShardFailed", patience);
      const reports = listener.statuses.length;
      await server.restart();
      await until(() => listener.statuses.slice(reports).some(({ max_perf: perf }) => Number(perf) > 0), {
        timeoutMs: patience,
      });
    },
    patience,
  );
});
