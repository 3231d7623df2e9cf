import { expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const path = "/tokenize";
const text = "x".repeat(400);

test("a text costs what reading it costs, and so does a chat", () => {
  expect(workloadOf(path, { prompt: text })).toBe(25);
  expect(workloadOf(path, { messages: [{ role: "user", content: text }] })).toBe(28);
  expect(workloadOf(path, { content: text }, { engine: "llama" })).toBe(25);
});

test("a text is needed under the name that the engine has for it", () => {
  expect(faultsOf(path, { prompt: 5 }).paths).toEqual(["prompt"]);
  expect(faultsOf(path, {}).paths).toEqual(["prompt"]);
  expect(faultsOf(path, { content: text }).paths).toEqual(["prompt"]);
  expect(handlerOf(path, { engine: "llama" }).prepare({})).toMatchObject({ problems: { content: "field missing" } });
});

test("it is measured under that name too", async () => {
  expect((await benchmarkOf(path)).payload).toMatchObject({ model: "mine", prompt: expect.any(String) });
  expect((await benchmarkOf(path, { engine: "llama" })).payload).toHaveProperty("content");
});
