import { describe, expect, test } from "@jest/globals";
import { createPricing, type Pricing } from "./pricing.ts";
import { type Chat, type Completion, chatSchema, completionSchema } from "./schemas.ts";
import { readChat, readCompletion } from "./text-task.ts";

const unlimited = { maxModelLength: () => Number.POSITIVE_INFINITY };
const user = { role: "user", content: "x".repeat(400) };
const priceCompletion = (fields: Completion, pricing: Pricing = createPricing(unlimited)): number =>
  pricing.estimate(readCompletion(fields, { defaultTokens: 16 }));
const priceChat = (fields: Chat): number => createPricing(unlimited).estimate(readChat(fields));

describe("completions", () => {
  test.each<[name: string, request: Completion, price: number]>([
    ["a quarter of the prompt, and the output", { prompt: "x".repeat(400), max_tokens: 100 }, 125],
    ["vLLM's default output", { prompt: "" }, 16],
    ["a guess where null asks for all that fits", { prompt: "", max_tokens: null }, 500],
    ["each of n answers, and the prompt once", { prompt: "x".repeat(400), max_tokens: 100, n: 3 }, 325],
    ["each prompt", { prompt: ["x".repeat(400), "x".repeat(400)], max_tokens: 100 }, 250],
    ["each of n answers to each prompt", { prompt: ["x".repeat(400), "x".repeat(400)], max_tokens: 100, n: 2 }, 450],
    ["token ids", { prompt: Array(200).fill(7), max_tokens: 100 }, 150],
    ["lists of token ids", { prompt: [Array(200).fill(7), Array(200).fill(7)], max_tokens: 100 }, 300],
    ["no prompt", { max_tokens: 10 }, 10],
    ["an empty list", { prompt: [], max_tokens: 10 }, 10],
    ["never nothing", { prompt: "", max_tokens: 0 }, 1],
  ])("cost %s", (_name, request, price) => {
    expect(priceCompletion(completionSchema.parse(request))).toBe(price);
  });

  test("cost no more than fits the model", () => {
    const pricing = createPricing({ maxModelLength: () => 1000 });
    expect(priceCompletion({ prompt: "x".repeat(400), max_tokens: 5000 }, pricing)).toBe(25 + 900);
    expect(priceCompletion({ prompt: "x".repeat(400_000), max_tokens: 5000 }, pricing)).toBe(250 + 1);
    expect(priceCompletion({ prompt: ["x".repeat(400), "x".repeat(400)], max_tokens: 5000 }, pricing)).toBe(1850);
  });
});

describe("chats", () => {
  test.each<[name: string, request: Partial<Chat>, price: number]>([
    ["the text, the template's share and the output", { max_tokens: 100 }, 128],
    ["max_completion_tokens before max_tokens", { max_completion_tokens: 10, max_tokens: 100 }, 38],
    ["max_tokens where the other is null", { max_completion_tokens: null, max_tokens: 100 }, 128],
    ["a guess where there is no limit", {}, 528],
    ["each of n answers", { max_tokens: 100, n: 3 }, 328],
    ["tools, and how they are explained", { max_tokens: 100, tools: [{ name: "f".repeat(389) }] }, 128 + 25 + 25],
    [
      "parts, and a guess for an image",
      { max_tokens: 100, messages: [{ role: "user", content: [{ text: "x".repeat(400) }, { type: "image_url" }] }] },
      128 + 125,
    ],
    ["thoughts", { max_tokens: 100, messages: [{ role: "assistant", content: [{ thinking: "x".repeat(400) }] }] }, 128],
    [
      "calls of tools",
      { max_tokens: 100, messages: [{ role: "assistant", content: null, tool_calls: ["x".repeat(398)] }] },
      128,
    ],
  ])("cost %s", (_name, request, price) => {
    expect(priceChat(chatSchema.parse({ messages: [user], ...request }))).toBe(price);
  });

  test("learn from their usage how long answers without a limit are", () => {
    const pricing = createPricing({ ...unlimited, promptWeight: 0 });
    const task = readChat({ messages: [user], n: 2 });
    expect(pricing.estimate(task)).toBe(1000);
    for (let index = 0; index < 200; index += 1) {
      pricing.learn(task, 160);
    }
    expect(pricing.estimate(task)).toBe(160);
    pricing.learn(readChat({ messages: [user], max_tokens: 5000 }), 5000);
    expect(pricing.estimate(readChat({ messages: [user], max_tokens: 5000 }))).toBe(5000);
    expect(pricing.estimate(task)).toBe(160);
  });

  test("survive nesting that JSON does not", () => {
    let nested: unknown = [];
    for (let depth = 0; depth < 100_000; depth += 1) {
      nested = [nested];
    }
    expect(priceChat({ messages: [user], tools: [nested, { seed: 2n ** 70n }], max_tokens: 1 })).toBeGreaterThan(1);
  });
});
