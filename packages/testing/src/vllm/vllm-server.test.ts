import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "../until.ts";
import { vllmLogLines } from "./log-lines.ts";
import { startVllmServer, type VllmServer, type VllmServerOptions } from "./vllm-server.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) {
    await cleanUp();
  }
});

async function start(options: VllmServerOptions = {}): Promise<VllmServer> {
  const server = await startVllmServer(options);
  cleanUps.push(() => server.stop());
  return server;
}

async function logFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stand-in-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  return join(folder, "vllm.log");
}

const post = ({ url }: VllmServer, path: string, body: unknown): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const complete = (server: VllmServer, body: object): Promise<Response> => post(server, "/v1/completions", body);

interface Event {
  choices: {
    index: number;
    text?: string;
    delta?: { role?: string; content?: string };
    finish_reason: string | null;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number };
}

/** The events of a stream, which ends as it should. */
async function events(response: Response): Promise<Event[]> {
  const texts = (await response.text()).split("\n\n");
  expect(texts.splice(-2)).toEqual(["data: [DONE]", ""]);
  return texts.map((text) => JSON.parse(text.slice("data: ".length)));
}

describe("an answer", () => {
  test("has the tokens that were asked for, says how many, and that it comes from no model", async () => {
    const server = await start();
    const response = await complete(server, { prompt: "twelve chars", max_tokens: 4 });
    expect(response.headers.get("server")).toBe("pyworker-stand-in");
    expect(await response.json()).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, text: "This is a stand-in", finish_reason: "length", logprobs: null }],
      system_fingerprint: "stand-in",
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
  });

  test("to several prompts, n times each, has a choice for each", async () => {
    const server = await start({ cachedTokens: 2 });
    const response = await complete(server, { prompt: ["four", [1, 2]], n: 2, max_tokens: 3 });
    const { choices, usage } = (await response.json()) as Event;
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(usage).toEqual({
      prompt_tokens: 3,
      completion_tokens: 12,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 2 },
    });
  });

  test("to a chat is a message, and ends by itself where nobody limits it", async () => {
    const response = await post(await start(), "/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] });
    expect(await response.json()).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant" }, finish_reason: "stop" }],
    });
  });

  test("is the same every time", async () => {
    const server = await start();
    const bytes = async () => (await complete(server, { prompt: "x", max_tokens: 5, stream: true })).text();
    expect(await bytes()).toBe(await bytes());
  });
});

describe("a stream", () => {
  test("has an event for each token, the reason of its end in the last, and usage when asked for", async () => {
    const body = { prompt: "four", max_tokens: 3, stream: true, stream_options: { include_usage: true } };
    const received = await events(await complete(await start(), body));
    expect(received.slice(0, 3).map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, "length"]);
    expect(received.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe("This is a");
    expect(received[3]).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 3 } });
    expect(received).toHaveLength(4);
  });

  test.each([
    [undefined, false],
    [{}, true],
    [{ include_usage: false }, false],
    [{ include_usage: null }, false],
  ])("with options %j tells usage: %p", async (options, expected) => {
    const body = { prompt: "four", max_tokens: 1, stream: true, stream_options: options };
    const received = await events(await complete(await start(), body));
    expect(received.some(({ choices }) => choices.length === 0)).toBe(expected);
  });

  test("of a chat begins with the role, for each of n answers, and tells usage all along when asked to", async () => {
    const response = await post(await start(), "/v1/chat/completions", {
      messages: [{ role: "user", content: "Hi" }],
      n: 2,
      max_tokens: 2,
      stream: true,
      stream_options: { continuous_usage_stats: true },
    });
    const received = await events(response);
    expect(received.map(({ choices }) => choices[0]?.delta?.role)).toEqual([
      "assistant",
      "assistant",
      ...Array(5).fill(undefined),
    ]);
    expect(received.map(({ choices }) => choices[0]?.index)).toEqual([0, 1, 0, 1, 0, 1, undefined]);
    expect(received.map(({ usage }) => usage?.completion_tokens)).toEqual([0, 0, 1, 1, 2, 2, 4]);
  });
});

describe("a request is refused in vLLM's words", () => {
  test.each<[name: string, path: string, body: unknown, status: number, message: string]>([
    ["that is not JSON", "/v1/completions", "{", 400, "JSON decode error"],
    ["without a prompt", "/v1/completions", {}, 400, "Field required"],
    ["without messages", "/v1/chat/completions", { prompt: "x" }, 400, "Field required"],
    ["for another model", "/v1/completions", { model: "gpt", prompt: "x" }, 404, "The model `gpt` does not exist."],
    ["of more than fits", "/v1/completions", { prompt: "x", max_tokens: 8192 }, 400, "is too large: 8192"],
    ["for nothing", "/v1/completions", { prompt: "x", max_tokens: 0 }, 400, "must be at least 1"],
    ["for options of no stream", "/v1/completions", { prompt: "x", stream_options: {} }, 400, "Stream options"],
    ["of no known route", "/v1/nothing", {}, 404, "Not Found"],
  ])("%s", async (_name, path, body, status, message) => {
    const response = await post(await start(), path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining(message),
        type: status === 404 ? "NotFoundError" : "BadRequestError",
        param: null,
        code: status,
      },
    });
  });

  test("without the key", async () => {
    const server = await start({ apiKey: "secret" });
    const response = await fetch(`${server.url}/v1/models`);
    expect([response.status, await response.json()]).toEqual([401, { error: "Unauthorized" }]);
    const headers = { authorization: "Bearer secret" };
    expect((await fetch(`${server.url}/v1/models`, { headers })).status).toBe(200);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});

test("tells its models, and counts tokens", async () => {
  const server = await start({ model: "mine", maxModelLen: 100 });
  const models = await fetch(`${server.url}/v1/models`);
  expect(await models.json()).toMatchObject({ data: [{ id: "mine", object: "model", max_model_len: 100 }] });
  const counted = await post(server, "/tokenize", { prompt: "eight by" });
  expect(await counted.json()).toEqual({ count: 2, max_model_len: 100, tokens: [0, 1], token_strs: null });
});

describe("a fault on demand", () => {
  const stream = { prompt: "x", max_tokens: 5, stream: true };

  test("is a status", async () => {
    const server = await start({ faults: { status: 503, healthStatus: 503 } });
    expect((await complete(server, stream)).status).toBe(503);
    expect((await fetch(`${server.url}/health`)).status).toBe(503);
    server.faults.set({});
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  test("is a broken connection, before an answer or within", async () => {
    const server = await start({ faults: { refuse: true } });
    await expect(complete(server, stream)).rejects.toThrow();
    server.faults.set({ dieAfterChunks: 2 });
    await expect(complete(server, stream).then((response) => response.text())).rejects.toThrow();
    await expect(complete(server, { prompt: "x" }).then((response) => response.text())).rejects.toThrow();
  });

  test("is silence, until the client leaves", async () => {
    const server = await start({ faults: { stallAfterChunks: 1 } });
    const leaving = new AbortController();
    const body = JSON.stringify(stream);
    const headers = { "content-type": "application/json" };
    await fetch(`${server.url}/v1/completions`, { method: "POST", headers, body, signal: leaving.signal });
    leaving.abort();
    await until(() => server.requests.some(({ abortedAt }) => abortedAt !== undefined));
    expect(server.requests).toMatchObject([{ path: "/v1/completions", completed: false }]);
  });

  test("is an error in a stream that began well", async () => {
    const server = await start();
    const set = await post(server, "/stand-in/faults", { errorAfterChunks: 1 });
    expect(await set.json()).toEqual({ errorAfterChunks: 1 });
    const response = await complete(server, stream);
    const [first, second, ...rest] = (await response.text()).split("\n\n");
    expect(response.status).toBe(200);
    expect(first).toContain('"text":"This"');
    expect(second).toContain('data: {"error":{"message"');
    expect(rest).toEqual(["data: [DONE]", ""]);
  });
});

describe("its log", () => {
  test("says in order what vLLM says, and last that it is ready", async () => {
    const file = await logFile();
    await start({ logFile: file, maxModelLen: 8192 });
    const text = await readFile(file, "utf8");
    expect(text).toMatch(
      /^\(APIServer pid=1\) INFO \d\d-\d\d \d\d:\d\d:\d\d \[api_server.py:\d+\] vLLM API server version/,
    );
    expect(text).toMatch(
      /\(EngineCore_DP0 pid=87\) INFO .*Loading weights took.*\n.*\n.*\n.*65,536 tokens\n.*per request: 8.00x/,
    );
    expect(text.endsWith("(APIServer pid=1) INFO:     Application startup complete.\n")).toBe(true);
  });

  test("is what a terminal gets, where that is asked for", async () => {
    const file = await logFile();
    const server = await start({ logFile: file, pty: true });
    await server.log(...vllmLogLines.engineDeath());
    const text = await readFile(file, "utf8");
    expect(text).toContain("\u001b[0;36m(APIServer pid=1)\u001b[0;0m INFO:     Application startup complete.\r\n");
    expect(text).toContain("EngineDeadError: EngineCore encountered an issue.");
  });
});

test("comes back on its port after it was killed", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  await server.kill();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await server.restart();
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await readFile(file, "utf8")).split("Application startup complete.")).toHaveLength(3);
});

test("refuses connections while it loads", async () => {
  const server = await start({ startDelayMs: 50 });
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await until(() =>
    fetch(`${server.url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});

test("closes an idle connection without a word, as uvicorn does", async () => {
  const { port } = await start({ keepAliveTimeoutMs: 20 });
  const socket = connect(port, "127.0.0.1");
  let received = "";
  let isClosed = false;
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("close", () => {
    isClosed = true;
  });
  socket.write("GET /version HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => isClosed);
  expect(received).toContain("HTTP/1.1 200 OK");
  expect(received).not.toMatch(/^keep-alive:/im);
});
