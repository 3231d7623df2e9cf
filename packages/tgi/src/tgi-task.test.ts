import { expect, test } from "@jest/globals";
import { createModelServer, type ServerLimits } from "./model-server.ts";
import { generateSchema, tgiChatSchema, tgiCompletionSchema } from "./schemas.ts";
import { readGenerate, readTgiChat, readTgiCompletion } from "./tgi-task.ts";

const current: ServerLimits = createModelServer().limits;
const old: ServerLimits = { ...current, newTokens: 100 };

const generate = (parameters: object | undefined, limits = current) =>
  readGenerate(
    generateSchema(
      () => limits,
      () => false,
    ).parse({ inputs: "Hello", parameters }),
    limits,
  );
const completion = (payload: object, limits = current) =>
  readTgiCompletion(tgiCompletionSchema(() => limits).parse({ prompt: "Hello", ...payload }), limits);
const chat = (payload: object, limits = current) =>
  readTgiChat(
    tgiChatSchema(() => limits).parse({ messages: [{ role: "user", content: "Hello" }], ...payload }),
    limits,
  );

test("reads what to generate, and how much", () => {
  expect(generate({ max_new_tokens: 20 })).toEqual({
    texts: ["Hello"],
    otherTokens: 0,
    prompts: 1,
    sequences: 1,
    outputLimit: 20,
    maxTokens: 20,
  });
});

test("an answer without a limit has 100 tokens of an old server, and as many as fit of a new one", () => {
  for (const parameters of [undefined, {}, { max_new_tokens: null }]) {
    expect(generate(parameters)).toMatchObject({ outputLimit: undefined, maxTokens: undefined });
    expect(generate(parameters, old)).toMatchObject({ outputLimit: 100, maxTokens: undefined });
  }
  for (const read of [completion, chat]) {
    expect(read({})).toMatchObject({ outputLimit: undefined, maxTokens: undefined });
    expect(read({ max_tokens: null }, old)).toMatchObject({ outputLimit: 100, maxTokens: undefined });
    expect(read({ max_tokens: 7 }, old)).toMatchObject({ outputLimit: 7, maxTokens: 7 });
  }
});

test("best_of makes so many answers, and 0 one", () => {
  expect(generate({ best_of: 2, do_sample: true }).sequences).toBe(2);
  expect(generate({ best_of: 0 }).sequences).toBe(1);
});

test("each prompt of a completion has an answer; n means nothing", () => {
  expect(completion({ prompt: ["one", "two"], n: 5 })).toMatchObject({
    texts: ["one", "two"],
    prompts: 2,
    sequences: 2,
  });
  expect(chat({ n: 5 })).toMatchObject({ prompts: 1, sequences: 1 });
});

test("a chat's limit has two names", () => {
  expect(chat({ max_completion_tokens: 9 })).toMatchObject({ outputLimit: 9 });
});

test("what is cut off a prompt has no share in its price", () => {
  const inputs = "0123456789".repeat(1000);
  const read = (parameters: Record<string, unknown>, limits = current) =>
    readGenerate({ inputs, parameters }, limits).texts[0];
  expect(read({})).toBe(inputs);
  expect(read({ truncate: 100 })).toBe(inputs.slice(-800));
  expect(read({}, { ...current, inputTokens: 50 })).toBe(inputs.slice(-400));
  expect(read({ truncate: 1_000_000 })).toBe(inputs);
});
