import { describe, expect, test } from "@jest/globals";
import { chatParts } from "./chat-parts.ts";
import { anyTemplate } from "./chat-template.ts";

const template = { name: "test", perMessage: 7, fixed: 30, withoutSystem: 11, withTools: 13 };

describe("chatParts", () => {
  test("finds the texts of messages, tool calls and tools", () => {
    const { otherTokens, texts } = chatParts(
      {
        messages: [
          { role: "system", content: "one" },
          { role: "user", content: ["two", { type: "text", text: "three" }] },
          { role: "assistant", content: null, tool_calls: [{ id: "four" }] },
          { role: "tool", content: [{ type: "thinking", thinking: "five" }] },
        ],
        tools: [{ name: "six" }],
      },
      template,
    );
    expect(texts).toEqual(["one", "two", "three", "five", '{"id":"four"}', '{"name":"six"}']);
    expect(otherTokens).toBe(4 * 7 + 30 + 13);
  });

  test("adds the system message that a template writes where the request has none", () => {
    expect(chatParts({ messages: [{ role: "user", content: "hi" }] }, template).otherTokens).toBe(7 + 30 + 11);
    expect(chatParts({ messages: [{ role: "user", content: "hi" }], tools: [] }).otherTokens).toBe(
      anyTemplate.perMessage + anyTemplate.fixed,
    );
  });

  test("guesses at attachments", () => {
    const guess = (part: object): number =>
      chatParts({ messages: [{ role: "system", content: [part] }] }, { ...template, perMessage: 0, fixed: 0 })
        .otherTokens;
    expect(guess({ type: "image_url", image_url: { url: "https://example.com/a.png" } })).toBe(500);
    expect(guess({ type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } })).toBe(85);
    expect(guess({ type: "input_audio", input_audio: { data: "AAAA" } })).toBe(500);
  });

  test("takes what can't be written as JSON", () => {
    const deep: { inner?: object } = {};
    deep.inner = deep;
    expect(chatParts({ messages: [], tools: [deep, undefined] }).texts).toEqual(["", ""]);
  });
});
