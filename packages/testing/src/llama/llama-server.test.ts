import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "@jest/globals";
import type { ModelServerOptions } from "../server/model-server.ts";
import { cleanUp, complete, json, logFile, post, started } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { startLlamaServer } from "./llama-server.ts";
import { llamaLogLines } from "./log-lines.ts";

afterEach(cleanUp);

const start = (options: ModelServerOptions = {}) => started(startLlamaServer(options));
const chat = { messages: [{ role: "user", content: "Hi" }], max_tokens: 2 };

test("says while it loads that it does, and then that it has", async () => {
  const file = await logFile();
  const { url } = await start({ startDelayMs: 50, logFile: file });
  const health = () =>
    fetch(`${url}/health`).then(
      async (response) => ({ status: response.status, body: await response.json() }),
      () => undefined,
    );
  expect(await until(health)).toEqual({
    status: 503,
    body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
  });
  await until(async () => (await health())?.status === 200);
  const text = await readFile(file, "utf8");
  expect(text).toMatch(/main: model loaded\nmain: server is listening on http:\/\/127\.0\.0\.1:\d+ - starting/);
});

test("writes each request in its log, once it is answered", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  await complete(server, { prompt: "x", max_tokens: 1 });
  await until(async () =>
    (await readFile(file, "utf8")).includes("srv  log_server_r: request: POST /v1/completions 127.0.0.1 200\n"),
  );
  expect(llamaLogLines.startFailure("mine").join("\n")).toContain("error loading model");
});

test("goes on until the context is full where a completion has no limit, unless the model ends", async () => {
  expect(await json(complete(await start({ maxModelLen: 100 }), { prompt: "four" }))).toMatchObject({
    choices: [{ finish_reason: "length" }],
    usage: { completion_tokens: 99 },
  });
  const ending = await start({ maxModelLen: 100, outputTokens: 20 });
  expect(await json(complete(ending, { prompt: "four" }))).toMatchObject({
    choices: [{ finish_reason: "stop" }],
    usage: { completion_tokens: 20 },
  });
});

test("tells usage and timings, in a stream the first only when asked to", async () => {
  const server = await start();
  expect(await json(post(server, "/v1/chat/completions", chat))).toMatchObject({
    usage: { completion_tokens: 2 },
    timings: { predicted_n: 2 },
  });
  const stream = { ...chat, stream: true };
  const plain = await (await post(server, "/v1/chat/completions", stream)).text();
  expect(plain).not.toContain('"usage"');
  expect(plain).toMatch(/"timings":\{.*\}\n\ndata: \[DONE\]\n\n$/);
  const asked = { ...stream, stream_options: { include_usage: true } };
  expect(await (await post(server, "/v1/chat/completions", asked)).text()).toContain('"choices":[],"usage"');
});

test("tells its context, counts tokens, ranks, and refuses in its own shape", async () => {
  const server = await start({ model: "mine", maxModelLen: 100 });
  expect(await json(fetch(`${server.url}/v1/models`))).toMatchObject({
    data: [{ id: "mine", meta: { n_ctx: 100, n_ctx_train: 400 } }],
  });
  expect(await json(fetch(`${server.url}/props`))).toMatchObject({ default_generation_settings: { n_ctx: 100 } });
  expect(await json(post(server, "/tokenize", { content: "eight by" }))).toEqual({ tokens: [0, 1] });
  expect(await json(post(server, "/v1/rerank", { query: "four", documents: ["four"] }))).toMatchObject({
    results: [{ index: 0, relevance_score: 1 }],
    usage: { total_tokens: 2 },
  });
  const refused = await complete(server, {});
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { error: { code: 400, type: "invalid_request_error" } },
  ]);
});
