import { describe, expect, test } from "@jest/globals";
import type { z } from "zod";
import { chatSchema, completionSchema } from "./schemas.ts";
import { wrappable } from "./wrappable.ts";

const completion = wrappable(completionSchema);
const chat = wrappable(chatSchema);
const user = { role: "user", content: "Hi" };

describe("completions", () => {
  test.each<[name: string, value: unknown]>([
    ["a text", { prompt: "Hi" }],
    ["texts", { prompt: ["Hi", "there"] }],
    ["token ids", { prompt: [1, 2, 3] }],
    ["lists of token ids", { prompt: [[1, 2], [3]] }],
    ["no prompt", { prompt_embeds: "aGk=" }],
    ["an empty list", { prompt: [] }],
    ["nulls", { prompt: null, max_tokens: null, n: null, stream: null, stream_options: null }],
    ["unknown fields of any kind", { prompt: "Hi", seed: 2n ** 60n, logit_bias: { 5: 1e308 }, messages: 5 }],
  ])("take %s, bare or wrapped", (_name, value) => {
    expect(completion.parse(value)).toEqual({ request: value, body: undefined });
    expect(completion.parse({ input: value })).toEqual({ request: value, body: value });
  });

  test.each<[value: unknown, path: string]>([
    ["a text", ""],
    [null, ""],
    [[], ""],
    [{ prompt: 5 }, "prompt"],
    [{ prompt: [1, "a"] }, "prompt"],
    [{ prompt: [[1], [-2]] }, "prompt"],
    [{ prompt: [1.5] }, "prompt"],
    [{ prompt: [2n ** 70n] }, "prompt"],
    [{ prompt: "Hi", max_tokens: "5" }, "max_tokens"],
    [{ prompt: "Hi", max_tokens: 1e308 }, "max_tokens"],
    [{ prompt: "Hi", max_tokens: 2n ** 70n }, "max_tokens"],
    [{ prompt: "Hi", max_tokens: -1 }, "max_tokens"],
    [{ prompt: "Hi", n: 0 }, "n"],
    [{ prompt: "Hi", stream: "yes" }, "stream"],
    [{ prompt: "Hi", stream_options: [] }, "stream_options"],
    [{ prompt: "Hi", stream_options: { include_usage: 1 } }, "stream_options.include_usage"],
    [{ input: { prompt: 5 } }, "input.prompt"],
  ])("refuse %p and name %p", (value, path) => {
    expect(pathsOf(completion, value)).toEqual([path]);
  });
});

describe("chats", () => {
  test.each<[name: string, message: unknown]>([
    ["a text", user],
    ["no content", { role: "assistant", content: null, tool_calls: [{ id: "1", function: { name: "f" } }] }],
    ["parts", { role: "user", content: [{ type: "text", text: "Hi" }, "there", { type: "image_url", image_url: {} }] }],
    ["parts of other kinds", { role: "user", content: [{ type: "thinking", thinking: "…" }, { image_url: "data:…" }] }],
  ])("take %s", (_name, message) => {
    expect(chat.parse({ messages: [message] })).toEqual({ request: { messages: [message] }, body: undefined });
  });

  test.each<[value: unknown, path: string]>([
    [{}, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: "Hi" }, "messages"],
    [{ messages: [{ content: "Hi" }] }, "messages.0.role"],
    [{ messages: [user, { role: "user", content: 5 }] }, "messages.1.content"],
    [{ messages: [user, { role: "user", content: ["a", { type: "text", text: 5 }] }] }, "messages.1.content.1.text"],
    [{ messages: [{ role: "user", content: [5] }] }, "messages.0.content.0"],
    [{ messages: [user], tools: {} }, "tools"],
    [{ messages: [user], max_completion_tokens: 1.5 }, "max_completion_tokens"],
    [{ input: { messages: [{ role: "user", content: [{ text: 5 }] }] } }, "input.messages.0.content.0.text"],
  ])("refuse %p and name %p", (value, path) => {
    expect(pathsOf(chat, value)).toEqual([path]);
  });

  test("name at most twenty faults at once", () => {
    const { error } = chat.safeParse({ messages: Array.from({ length: 1000 }, () => ({})) });
    expect(error?.issues).toHaveLength(20);
  });
});

function pathsOf(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return [...new Set(error?.issues.map(({ path }) => path.join(".")))];
}
