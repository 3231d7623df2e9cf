import { afterEach, describe, expect, test } from "@jest/globals";
import { cleanUp, complete, post, start } from "../server/start-server.test.fixture.ts";

afterEach(cleanUp);

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
