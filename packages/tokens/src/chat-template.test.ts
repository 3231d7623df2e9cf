import { beforeAll, describe, expect, test } from "@jest/globals";
import { templateOf } from "./chat-template.ts";
import { modelFolders, referenceCounter } from "./reference.test.fixture.ts";
import { createTokenCounter } from "./token-counter.ts";

test.each([
  [["<|start_header_id|>", "<|eot_id|>"], "llama3"],
  [["<|start_header_id|>", "<|eom_id|>", "<|python_tag|>"], "llama3.1"],
  [["<|start|>", "<|channel|>", "<|message|>", "<|end|>"], "harmony"],
  [["<|im_start|>", "<|im_sep|>"], "phi4"],
  [["<|im_start|>", "<tool_call>"], "qwen2.5"],
  [["<|im_start|>", "<tool_call>", "<think>"], "chatml"],
  [["<|im_start|>"], "chatml"],
  [["<start_of_turn>"], "gemma"],
  [["[INST]"], "mistral"],
  [["<｜User｜>"], "deepseek"],
  [["<s>"], "any"],
])("a vocabulary with %j goes with the template %s", (specials, name) => {
  expect(templateOf(specials).name).toBe(name);
});

const header = (role: string): string => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
const qwenSystem = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

/** What the models' templates make of a chat, written out. */
const rendered = [
  {
    model: "Llama 3" as const,
    prompt: (...texts: readonly string[]) =>
      `<|begin_of_text|>${texts.map((text) => `${header("user")}${text}<|eot_id|>`).join("")}${header("assistant")}`,
  },
  {
    model: "Qwen 2.5" as const,
    prompt: (...texts: readonly string[]) =>
      `<|im_start|>system\n${qwenSystem}<|im_end|>\n${texts.map((text) => `<|im_start|>user\n${text}<|im_end|>\n`).join("")}<|im_start|>assistant\n`,
  },
];

describe.each(rendered)("with the vocabulary of $model", ({ model, prompt }) => {
  const path = modelFolders[model];
  const expected = referenceCounter(path);
  const counter = createTokenCounter({ tokenizer: path });

  beforeAll(() => counter.load());

  test("a chat counts what its rendered prompt does", () => {
    const texts = ["Hello there.", "How far is it to the moon?", "And back?"];
    const messages = texts.map((content) => ({ role: "user", content }));
    expect(counter.countChat({ messages })).toBe(expected(prompt(...texts)));
  });
});
