import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { cleanUp, json, logFile, post, started } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { type TgiFatalVariant, tgiLogLines } from "./log-lines.ts";
import { startTgiServer, type TgiServerOptions } from "./tgi-server.ts";

afterEach(cleanUp);

const start = (options: TgiServerOptions = {}) => started(startTgiServer(options));

const chat = { messages: [{ role: "user", content: "Hi" }], max_tokens: 2 };

/** The events of a native stream; there is no end mark. */
async function events(response: Response): Promise<unknown[]> {
  const texts = (await response.text()).split("\n\n");
  expect(texts.pop()).toBe("");
  return texts.map((text) => {
    expect(text).toMatch(/^data:\{/);
    return JSON.parse(text.slice("data:".length));
  });
}

describe("an answer", () => {
  const body = { inputs: "twelve chars", parameters: { max_new_tokens: 3 } };

  test("says in its headers what it has cost, and in its details when asked", async () => {
    const server = await start();
    const response = await post(server, "/generate", body);
    expect(await response.json()).toEqual({ generated_text: "This is a" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-prompt-tokens": "3",
      "x-generated-tokens": "3",
      "x-compute-characters": "12",
    });
    const parameters = { max_new_tokens: 3, details: true, return_full_text: true };
    expect(await json(post(server, "/generate", { ...body, parameters }))).toMatchObject({
      generated_text: "twelve charsThis is a",
      details: { finish_reason: "length", generated_tokens: 3, tokens: [{ text: "This" }, {}, {}] },
    });
  });

  test("of several says what the best has cost", async () => {
    const parameters = { max_new_tokens: 3, best_of: 2, do_sample: true, details: true };
    const response = await post(await start(), "/generate", { ...body, parameters });
    expect(response.headers.get("x-generated-tokens")).toBe("3");
    expect(await response.json()).toMatchObject({ details: { best_of_sequences: [{ generated_tokens: 3 }] } });
  });

  test("of the compatible route is a list, or a stream", async () => {
    const server = await start();
    expect(await json(post(server, "/", body))).toEqual([{ generated_text: "This is a" }]);
    expect(await events(await post(server, "/", { ...body, stream: true }))).toHaveLength(3);
  });

  test("has an event for each token, the text in the last, and no end mark", async () => {
    const parameters = { max_new_tokens: 2, details: true };
    const received = await events(await post(await start(), "/generate_stream", { inputs: "four", parameters }));
    expect(received).toMatchObject([
      { index: 1, token: { text: "This" }, generated_text: null, details: null },
      { index: 2, generated_text: "This is", details: { generated_tokens: 2, input_length: 1 } },
    ]);
  });

  test.each([
    ["3.3.7", {}, 16],
    ["2.4.1", {}, 100],
    ["2.4.1", { outputTokens: 9 }, 9],
    ["3.3.7", { outputTokens: 5000 }, 299],
  ])("of version %s with %j and without a limit has %d tokens", async (version, options, tokens) => {
    const server = await start({ version, maxTotalTokens: 300, ...options });
    const response = await post(server, "/generate", { inputs: "four" });
    expect(response.headers.get("x-generated-tokens")).toBe(String(tokens));
  });
});

describe("OpenAI's routes", () => {
  test("end with a mark; completions tell usage in their last chunk, chats when asked to", async () => {
    const server = await start();
    const stream = { ...chat, stream: true };
    const completion = await post(server, "/v1/completions", {
      prompt: ["four", "eight by"],
      max_tokens: 2,
      stream: true,
    });
    const text = await completion.text();
    expect(text.match(/"usage":\{"prompt_tokens":[12],"total_tokens":[34],"completion_tokens":2/g)).toHaveLength(2);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await (await post(server, "/v1/chat/completions", stream)).text()).not.toContain("usage");
    const asked = { ...stream, stream_options: { include_usage: true } };
    expect(await (await post(server, "/v1/chat/completions", asked)).text()).toContain('"choices":[],"usage"');
    const whole = await post(server, "/v1/chat/completions", chat);
    expect(whole.headers.get("x-generated-tokens")).toBe("2");
    expect(await whole.json()).toMatchObject({ usage: { completion_tokens: 2 } });
  });

  test("refuse with an event where a stream is asked for", async () => {
    const server = await start({ maxTotalTokens: 50 });
    const long = { ...chat, max_tokens: 100 };
    const refused = await post(server, "/v1/chat/completions", long);
    expect([refused.status, await refused.json()]).toMatchObject([422, { error_type: "validation" }]);
    const streamed = await post(server, "/v1/chat/completions", { ...long, stream: true });
    expect(streamed.status).toBe(200);
    expect(await streamed.text()).toMatch(/^data: \{"error":\{"message":".*","http_status_code":422\}\}\n\n$/);
  });
});

describe("a request is refused", () => {
  test.each([
    [{}, "missing field `inputs`"],
    [{ inputs: "" }, "`inputs` cannot be empty"],
    [{ inputs: "x", parameters: { max_new_tokens: 0 } }, "strictly positive"],
    [{ inputs: "x", parameters: { max_new_tokens: 100 } }, "must be <= 100"],
    [{ inputs: "x".repeat(500) }, "must have less than 99 tokens. Given: 125"],
    [{ inputs: "x", parameters: { best_of: 3 } }, "`best_of`"],
  ])("%j", async (body, message) => {
    const server = await start({ maxTotalTokens: 100 });
    const error = { error: expect.stringContaining(message), error_type: "validation" };
    const response = await post(server, "/generate", body);
    expect([response.status, await response.json()]).toEqual([422, error]);
    for (const streamed of [
      await post(server, "/generate_stream", body),
      await post(server, "/", { ...body, stream: true }),
    ]) {
      expect([streamed.status, await events(streamed)]).toEqual([200, [error]]);
    }
  });

  test("when too many run, in a stream with an event", async () => {
    const server = await start({ maxConcurrentRequests: 1, faults: { stallAfterChunks: 1 } });
    const leaving = new AbortController();
    const body = JSON.stringify({ inputs: "x" });
    await fetch(`${server.url}/generate_stream`, { method: "POST", body, signal: leaving.signal });
    const refused = await post(server, "/generate", { inputs: "x" });
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { error: "Model is overloaded", error_type: "overloaded" },
    ]);
    const streamed = await post(server, "/generate_stream", { inputs: "x" });
    expect([streamed.status, await events(streamed)]).toMatchObject([200, [{ error_type: "overloaded" }]]);
    leaving.abort();
    server.faults.set({});
    await until(async () => (await post(server, "/generate", { inputs: "x" })).ok);
  });
});

test("is unhealthy after a failed generation, until one succeeds", async () => {
  const server = await start({ faults: { errorAfterChunks: 1 } });
  const health = async () => (await fetch(`${server.url}/health`)).status;
  expect(await health()).toBe(200);
  const failed = await events(await post(server, "/generate_stream", { inputs: "x" }));
  expect(failed.at(-1)).toMatchObject({ error_type: "generation" });
  expect(await health()).toBe(503);
  server.faults.set({});
  await post(server, "/generate", { inputs: "x" });
  expect(await health()).toBe(200);
});

test("tells its limits, and tokens with their places", async () => {
  const server = await start({ maxTotalTokens: 100, model: "mine" });
  expect(await json(fetch(`${server.url}/info`))).toMatchObject({
    model_id: "mine",
    max_input_tokens: 99,
    max_total_tokens: 100,
    version: "3.3.7",
  });
  expect(await json(post(server, "/tokenize", { inputs: "eight" }))).toEqual([
    { id: 0, text: "eigh", start: 0, stop: 4 },
    { id: 1, text: "t", start: 4, stop: 5 },
  ]);
  expect(await json(post(server, "/chat_tokenize", chat))).toMatchObject({
    templated_text: JSON.stringify(chat.messages),
  });
});

test("asks for its key on all that generates", async () => {
  const server = await start({ apiKey: "secret" });
  const refused = await post(server, "/generate", { inputs: "x" });
  expect([refused.status, await refused.text()]).toEqual([401, ""]);
  expect((await post(server, "/chat_tokenize", chat)).status).toBe(200);
  expect((await fetch(`${server.url}/info`)).status).toBe(200);
});

describe("its log", () => {
  test("is objects, flat ones from the router", async () => {
    const file = await logFile();
    await start({ logFile: file, json: true, model: "mine" });
    const records = (await readFile(file, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.map(({ fields, message }) => message ?? fields.message)).toEqual(
      expect.arrayContaining([
        "Starting check and download process for mine",
        "Successfully downloaded weights for mine",
        "Starting shard",
        "Starting Webserver",
      ]),
    );
    expect(await readFile(file, "utf8")).toContain('"message":"Connected","target":"text_generation_router::server"');
    expect(records.at(-1)).toMatchObject({ level: "INFO", message: "Connected" });
  });

  test("is coloured text where nobody asks for objects", async () => {
    const file = await logFile();
    await start({ logFile: file });
    const last = (await readFile(file, "utf8")).trimEnd().split("\n").at(-1);
    expect(last).toContain("\u001b[32m INFO\u001b[0m \u001b[2mtext_generation_router::server\u001b[0m");
    expect(last).toMatch(/router\/src\/server\.rs.* Connected$/);
  });

  test.each([true, false])("tells the parameters of an answered request; objects: %s", async (json) => {
    const file = await logFile();
    const server = await start({ logFile: file, json });
    await post(server, "/generate", { inputs: "Hi", parameters: { stop: ['Error: "ShardFailed"'] } });
    const line = await until(async () =>
      (await readFile(file, "utf8")).split("\n").find((text) => text.includes("GenerateParameters")),
    );
    expect(json ? JSON.parse(line).span.parameters : line).toContain('stop: ["Error: \\"ShardFailed\\""]');
  });

  test.each<[TgiFatalVariant, RegExp]>([
    ["DownloadError", /^Error: DownloadError$/],
    ["ArgumentValidation", /^Error: ArgumentValidation\(".+"\)$/],
    ["WebserverFailed", /^Error: WebserverFailed$/],
  ])("ends with %s", (variant, pattern) => {
    for (const grammar of [true, false]) {
      expect(tgiLogLines({ json: grammar }).fatal(variant).at(-1)).toMatch(pattern);
    }
  });
});
