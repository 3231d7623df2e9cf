import { expect, test } from "@jest/globals";
import { createModelServer } from "./model-server.ts";

const answers = (value: unknown) => ({ getJson: async () => value });

const info = {
  model_id: "gpt2",
  max_concurrent_requests: 128,
  max_best_of: 2,
  max_stop_sequences: 4,
  max_input_tokens: 1024,
  max_total_tokens: 2048,
  validation_workers: 2,
  max_client_batch_size: 4,
  router: "text-generation-router",
  version: "3.3.7",
};

const known = {
  inputTokens: 1024,
  totalTokens: 2048,
  concurrentRequests: 128,
  bestOf: 2,
  stopSequences: 4,
  prompts: 4,
  newTokens: undefined,
};

const infinity = Number.POSITIVE_INFINITY;
const nothing = {
  inputTokens: infinity,
  totalTokens: infinity,
  concurrentRequests: infinity,
  bestOf: infinity,
  stopSequences: infinity,
  prompts: infinity,
  newTokens: undefined,
};

test("allows everything before it is known what the server allows", () => {
  expect(createModelServer().limits).toEqual(nothing);
});

const { max_input_tokens: inputTokens, ...withoutInput } = info;

test.each<[name: string, told: unknown, limits: object]>([
  ["/info", info, known],
  ["/info as it was before 2.0", { ...withoutInput, max_input_length: inputTokens }, known],
  ["an /info that says less", { version: "3.0.0" }, nothing],
  [
    "an /info that says otherwise",
    { ...info, max_total_tokens: "many", max_best_of: -1 },
    { ...known, totalTokens: infinity, bestOf: infinity },
  ],
])("learns from %s", async (_name, told, limits) => {
  const server = createModelServer();
  await server.meet(answers(told));
  expect(server.limits).toEqual(limits);
});

test.each<[version: unknown, newTokens: number | undefined]>([
  ["0.9.4", 100],
  ["1.4.5", 100],
  ["2.4.1", 100],
  ["2.4.1-dev0", 100],
  ["3.0.0", undefined],
  ["3.3.7", undefined],
  ["20.1.0", undefined],
  [null, undefined],
])("of version %s, answers without a limit have %s tokens", async (version, newTokens) => {
  const server = createModelServer();
  await server.meet(answers({ ...info, version }));
  expect(server.limits.newTokens).toBe(newTokens);
});

test("goes by what is given before what the server says", async () => {
  const server = createModelServer({ name: "mine", maxLength: 1000 });
  expect(server).toMatchObject({ name: "mine", maxLength: 1000 });
  await server.meet(answers(info));
  expect(server).toMatchObject({ name: "mine", maxLength: 1000, limits: known });
});

test("goes by what the server says where nothing is given", async () => {
  const server = createModelServer();
  expect(server).toMatchObject({ name: undefined, maxLength: infinity });
  await server.meet(answers(info));
  expect(server).toMatchObject({ name: "gpt2", maxLength: 2048 });
});

test("knows the new limits of a server that was restarted", async () => {
  const server = createModelServer();
  await server.meet(answers(info));
  await server.meet(answers({ ...info, max_total_tokens: 4096 }));
  expect(server.limits.totalTokens).toBe(4096);
});

test.each([null, "text", []])("learns nothing from %j, and says so", async (value) => {
  const server = createModelServer();
  await expect(server.meet(answers(value))).rejects.toThrow();
  expect(server.limits).toEqual(nothing);
});
