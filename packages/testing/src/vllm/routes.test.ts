import { afterEach, describe, expect, test } from "@jest/globals";
import { cleanUp, complete, eventsOf, json, post, start } from "../server/start-server.test.fixture.ts";

afterEach(cleanUp);

const hello = { role: "user", content: "Say hello." };
const tools = [{ type: "function", function: { name: "look_up", parameters: {} } }];

describe("an answer ends", () => {
  test("before the limit where the model has said all, with the tokens it has taken", async () => {
    const server = await start({ outputTokens: 3 });
    expect(await json(complete(server, { prompt: "x", max_tokens: 50 }))).toMatchObject({
      choices: [{ text: "This is a", finish_reason: "stop" }],
      usage: { completion_tokens: 3 },
    });
    expect(await json(complete(server, { prompt: "x", max_tokens: 2 }))).toMatchObject({
      choices: [{ text: "This is", finish_reason: "length" }],
    });
  });

  test("later, where the request says so", async () => {
    const server = await start({ outputTokens: ({ path }) => (path === "/v1/completions" ? 3 : 1) });
    expect(await json(complete(server, { prompt: "x", max_tokens: 50, ignore_eos: true }))).toMatchObject({
      choices: [{ finish_reason: "length" }],
      usage: { completion_tokens: 50 },
    });
    expect(await json(complete(server, { prompt: "x", max_tokens: 50, min_tokens: 7 }))).toMatchObject({
      usage: { completion_tokens: 7 },
    });
    expect(await json(post(server, "/v1/chat/completions", { messages: [hello] }))).toMatchObject({
      usage: { completion_tokens: 1 },
    });
  });

  test("after fewer chunks than tokens, where a chunk brings several", async () => {
    const server = await start({ tokensPerChunk: 4 });
    const body = { prompt: "x", max_tokens: 6, stream: true, stream_options: { include_usage: true } };
    const events = eventsOf(await (await complete(server, body)).text());
    expect(events).toMatchObject([
      { choices: [{ text: "This is a stand-in" }] },
      { choices: [{ text: " for a", finish_reason: "length" }] },
      { choices: [], usage: { completion_tokens: 6 } },
    ]);
  });
});

describe("a chat with tools", () => {
  test("calls the first function, unless it may not", async () => {
    const server = await start();
    const body = { messages: [hello], tools };
    expect(await json(post(server, "/v1/chat/completions", body))).toMatchObject({
      choices: [
        {
          message: {
            content: null,
            tool_calls: [{ type: "function", function: { name: "look_up", arguments: "{}" } }],
          },
          finish_reason: "tool_calls",
        },
      ],
      usage: { completion_tokens: 8 },
    });
    expect(await json(post(server, "/v1/chat/completions", { ...body, tool_choice: "none" }))).toMatchObject({
      choices: [{ message: { content: expect.stringContaining("stand-in") } }],
    });
  });

  test("calls it in a stream, name first", async () => {
    const body = { messages: [hello], tools, stream: true };
    const response = await post(await start(), "/v1/chat/completions", body);
    expect(eventsOf(await response.text())).toMatchObject([
      { choices: [{ delta: { role: "assistant" } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: "look_up", arguments: "" } }] } }] },
      { choices: [{ delta: { tool_calls: [{ function: { arguments: "{}" } }] }, finish_reason: "tool_calls" }] },
    ]);
  });
});

test("a batch of chats has a choice for each conversation, and no stream", async () => {
  const server = await start();
  const body = { messages: [[hello], [hello, hello]], max_tokens: 5 };
  expect(await json(post(server, "/v1/chat/completions/batch", body))).toMatchObject({
    choices: [{ index: 0 }, { index: 1 }],
    usage: { completion_tokens: 10 },
  });
  expect((await post(server, "/v1/chat/completions/batch", { ...body, stream: true })).status).toBe(400);
  expect((await post(server, "/v1/chat/completions/batch", { messages: [hello] })).status).toBe(400);
});

describe("pooling", () => {
  test("embeds each input", async () => {
    const answer = await json(post(await start(), "/v1/embeddings", { input: ["four", [1, 2, 3]], dimensions: 4 }));
    expect(answer).toMatchObject({
      data: [
        { index: 0, embedding: [0, 1, 0, 0] },
        { index: 1, embedding: [0, 0, 0, 1] },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  test("ranks documents, and pays the query once for each", async () => {
    const body = { query: "four", documents: ["eight by", "four"], top_n: 1 };
    expect(await json(post(await start(), "/v1/rerank", body))).toMatchObject({
      results: [{ index: 0, relevance_score: 1, document: { text: "eight by" } }],
      usage: { total_tokens: 5 },
    });
  });

  test("scores one against many, or each against its own", async () => {
    const server = await start();
    const one = json(post(server, "/v1/score", { text_1: "four", text_2: ["four", "four"] }));
    expect(await one).toMatchObject({ data: [{ score: 1 }, { score: 0.5 }], usage: { total_tokens: 4 } });
    expect((await post(server, "/v1/score", { queries: ["a", "b"], documents: ["a", "b", "c"] })).status).toBe(400);
  });
});

describe("responses", () => {
  test("are remembered and can be cancelled", async () => {
    const server = await start({ cachedTokens: 1 });
    const answer = await json(post(server, "/v1/responses", { input: "eight by", max_output_tokens: 4 }));
    expect(answer).toMatchObject({
      status: "incomplete",
      output: [{ content: [{ type: "output_text", text: "This is a stand-in" }] }],
      usage: { input_tokens: 2, output_tokens: 4, total_tokens: 6, input_tokens_details: { cached_tokens: 1 } },
    });
    const path = `/v1/responses/${Object(answer).id}`;
    expect(await json(fetch(server.url + path))).toEqual(answer);
    expect(await json(post(server, `${path}/cancel`, {}))).toMatchObject({ status: "cancelled" });
    expect((await fetch(`${server.url}/v1/responses/resp_99`)).status).toBe(404);
  });

  test("are streamed with usage at the end", async () => {
    const body = { input: "four", stream: true };
    const text = await (await post(await start({ outputTokens: 2 }), "/v1/responses", body)).text();
    const events = eventsOf(text);
    expect(text.startsWith('event: response.created\ndata: {"type":"response.created"')).toBe(true);
    const deltas = events.filter(({ type }) => type === "response.output_text.delta");
    expect(deltas.map(({ delta }) => delta)).toEqual(["This", " is"]);
    expect(events.at(-1)).toMatchObject({
      type: "response.completed",
      response: { status: "completed", usage: { input_tokens: 1, output_tokens: 2 } },
    });
  });
});

describe("Anthropic's messages", () => {
  const body = { messages: [hello], max_tokens: 3 };

  test("are answered with their usage, and counted", async () => {
    const server = await start({ cachedTokens: 2 });
    const counted = Object(await json(post(server, "/v1/messages/count_tokens", body)));
    expect(await json(post(server, "/v1/messages", body))).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "This is a" }],
      stop_reason: "max_tokens",
      usage: { ...counted, output_tokens: 3, cache_read_input_tokens: 2 },
    });
    expect((await post(server, "/v1/messages", { messages: [hello] })).status).toBe(400);
  });

  test("are streamed in blocks", async () => {
    const response = await post(await start(), "/v1/messages", { ...body, stream: true });
    const events = eventsOf(await response.text());
    expect(events.map(({ type }) => type)).toEqual([
      "message_start",
      "content_block_start",
      ...Array(3).fill("content_block_delta"),
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 3 } });
  });

  test("may call a tool", async () => {
    const answer = await json(post(await start(), "/v1/messages", { ...body, tools: [{ name: "look_up" }] }));
    expect(answer).toMatchObject({ content: [{ type: "tool_use", name: "look_up" }], stop_reason: "tool_use" });
  });
});
