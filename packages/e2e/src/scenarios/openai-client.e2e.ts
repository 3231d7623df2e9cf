import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect } from "@jest/globals";
import type { ModelServer } from "@pyworker/testing";
import OpenAI from "openai";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startVllmServer, startWorker } = createStarters();
let vllm: ModelServer;
let worker: WorkerUnderTest;
let client: OpenAI;

const routes = ["completions", "chat/completions", "embeddings", "responses", "audio/transcriptions", "images/edits"];
const model = "stand-in";
const messages = [{ role: "user" as const, content: "Say something." }];
const fixture = (name: string) => createReadStream(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)));

/** The form that the model server got last on this path, field by field. */
async function lastForm(wanted: string): Promise<Record<string, unknown>> {
  const fields = (await vllm.requests.findLast(({ path }) => path === wanted)?.form()) ?? [];
  return Object.fromEntries(fields.map((field) => [field.name, field]));
}

/** In local mode any OpenAI client can talk to a worker: nothing is signed, and the body is the payload. */
beforeAll(async () => {
  vllm = await startVllmServer();
  const env = { UNSECURED: "true", OPENAI_ROUTES: routes.map((route) => `/v1/${route}`).join(",") };
  worker = await startWorker({ modelUrl: vllm.url, env });
  await worker.becomeReady();
  client = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "unused", maxRetries: 0 });
});

verifies(["text/openai-client"], "the openai client lists models and chats", async () => {
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual([model]);
  const chat = await client.chat.completions.create({ model, messages, max_tokens: 8 });
  expect(chat.choices[0]?.message.content).toMatch(/^This is a stand-in/);
  expect(chat.usage?.completion_tokens).toBe(8);
});

verifies(["text/openai-client"], "the openai client streams", async () => {
  const stream = await client.chat.completions.create({ model, messages, max_tokens: 8, stream: true });
  let text = "";
  for await (const chunk of stream) {
    expect(chunk.choices).toHaveLength(1);
    text += chunk.choices[0]?.delta.content ?? "";
  }
  expect(text).toMatch(/^This is a stand-in/);
});

verifies(["text/openai-client"], "the openai client is told of a tool to call", async () => {
  const parameters = { type: "object", properties: { city: { type: "string" } } };
  const chat = await client.chat.completions.create({
    model,
    messages,
    tools: [{ type: "function", function: { name: "weather", parameters } }],
  });
  expect(chat.choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: { tool_calls: [{ type: "function", function: { name: "weather", arguments: "{}" } }] },
  });
});

verifies(["text/openai-client"], "the openai client embeds", async () => {
  const { data, usage } = await client.embeddings.create({ model, input: ["one", "two"], encoding_format: "float" });
  expect(data.map(({ embedding }) => embedding.length > 0)).toEqual([true, true]);
  expect(usage.prompt_tokens).toBeGreaterThan(0);
});

verifies(["text/openai-client"], "the openai client gets a response, whole and streamed", async () => {
  const response = await client.responses.create({ model, input: "Say something.", max_output_tokens: 8 });
  expect(response.output_text).toMatch(/^This is a stand-in/);
  const stream = await client.responses.create({ model, input: "Hi", max_output_tokens: 8, stream: true });
  let text = "";
  for await (const event of stream) {
    text += event.type === "response.output_text.delta" ? event.delta : "";
  }
  expect(text).toMatch(/^This is a stand-in/);
});

verifies(["text/openai-client", "form/local"], "the openai client has a recording transcribed", async () => {
  const { text } = await client.audio.transcriptions.create({
    model,
    file: fixture("../../../vllm/assets/benchmark-speech.wav"),
  });
  expect(text.length).toBeGreaterThan(0);
  expect(await lastForm("/v1/audio/transcriptions")).toMatchObject({
    file: { fileName: "benchmark-speech.wav", type: "audio/wav" },
    model: { value: model },
  });
});

verifies(["text/openai-client", "form/local"], "the openai client has a picture edited", async () => {
  const { data } = await client.images.edit({ model, image: fixture("picture.png"), prompt: "make it blue", n: 1 });
  expect(
    Buffer.from(data?.[0]?.b64_json ?? "", "base64")
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
  expect(await lastForm("/v1/images/edits")).toMatchObject({
    image: { fileName: "picture.png", type: "image/png" },
    prompt: { value: "make it blue" },
  });
});

verifies(["text/openai-client"], "the openai client is told what is wrong", async () => {
  const wrong = client.chat.completions.create({ model, messages: [] });
  await expect(wrong).rejects.toMatchObject({ status: 422 });
});
