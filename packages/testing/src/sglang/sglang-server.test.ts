import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "@jest/globals";
import type { ModelServerOptions } from "../server/model-server.ts";
import { cleanUp, complete, json, logFile, post, started } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { sglangLogLines } from "./log-lines.ts";
import { startSglangServer } from "./sglang-server.ts";

afterEach(cleanUp);

const start = (options: ModelServerOptions = {}) => started(startSglangServer(options));

test("answers text like OpenAI, for any model, with 16 tokens where none are given", async () => {
  const server = await start({ model: "mine", maxModelLen: 100 });
  expect(await json(complete(server, { model: "another", prompt: "four" }))).toMatchObject({
    model: "mine",
    usage: { prompt_tokens: 1, completion_tokens: 16 },
  });
  const stream = await complete(server, { prompt: "four", max_tokens: 2, stream: true });
  expect((await stream.text()).endsWith("data: [DONE]\n\n")).toBe(true);
  expect(await json(fetch(`${server.url}/v1/models`))).toMatchObject({ data: [{ id: "mine", max_model_len: 100 }] });
  expect(await json(fetch(`${server.url}/get_model_info`))).toMatchObject({ model_path: "mine" });
  for (const path of ["/health", "/health_generate"]) {
    expect((await fetch(server.url + path)).status).toBe(200);
  }
});

test("ranks in a bare list, and scores labels rather than pairs", async () => {
  const server = await start();
  expect(await json(post(server, "/v1/rerank", { query: "x", documents: ["a", "b"] }))).toMatchObject([
    { index: 0, document: "a", score: 1 },
    { index: 1, document: "b", score: 0.5 },
  ]);
  const body = { query: "x", items: ["a", "b", "c"], label_token_ids: [1, 2] };
  expect(await json(post(server, "/v1/score", body))).toMatchObject({ scores: Array(3).fill([0.5, 0.25]) });
  expect((await post(server, "/v1/score", { text_1: "a", text_2: "b" })).status).toBe(400);
});

test("refuses with a flat error", async () => {
  const response = await complete(await start(), {});
  expect([response.status, await response.json()]).toEqual([
    400,
    {
      object: "error",
      message: expect.stringContaining("'prompt'"),
      type: "BadRequestError",
      param: null,
      code: 400,
    },
  ]);
});

test("says in its log, after uvicorn, that it is ready", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  expect(await readFile(file, "utf8")).toMatch(
    /\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO: {5}Application startup complete\.\n(.*\n)*\[.*\] The server is fired up and ready to roll!\n$/,
  );
  await server.log(...sglangLogLines.exited());
  expect(await readFile(file, "utf8")).toMatch(/INFO exited: sglang.*\n$/);
});

test("has a traceback in its log for a request that fails, and serves on", async () => {
  const file = await logFile();
  const server = await start({ logFile: file, faults: { status: 500 } });
  expect((await complete(server, { prompt: "x" })).status).toBe(500);
  await until(async () => (await readFile(file, "utf8")).includes("\nTraceback (most recent call last):\n"));
  server.faults.set({});
  expect((await complete(server, { prompt: "x" })).status).toBe(200);
});
