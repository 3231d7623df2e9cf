import { describe, expect, test } from "@jest/globals";
import { accepted, benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const path = "/v1/embeddings";
const text = "x".repeat(400);
const asPython = { workload: { count: "max_tokens" } } as const;

test.each<[payload: object, workload: number, python: number]>([
  [{ input: text }, 25, 500 * (400 / 600)],
  [{ input: [text, text] }, 50, 500 * (800 / 600)],
  [{ input: Array(100).fill(1) }, 25, 500 * (400 / 600)],
  [{ input: [Array(100).fill(1), Array(100).fill(1)] }, 50, 500 * (800 / 600)],
  [{ input: "Hi" }, 1, 50],
  [{ input: text.repeat(1000) }, 0.25 * 8192, 4000],
  [{ input: { input: text } }, 25, 500 * (400 / 600)],
  [{ messages: [{ role: "user", content: text }] }, 28, 500 * (440 / 600)],
])("%j costs %d, and %d as the Python worker counts", (payload, workload, python) => {
  expect(workloadOf(path, payload)).toBe(workload);
  expect(workloadOf(path, payload, asPython)).toBeCloseTo(python);
});

test("the engine gets the client's own bytes, or what was wrapped", () => {
  expect(accepted(path, { input: "Hi", dimensions: 8 }).transform()).toBeUndefined();
  expect(accepted(path, { input: { input: ["Hi"], dimensions: 8 } }).transform()).toEqual({
    input: ["Hi"],
    dimensions: 8,
  });
});

describe("refused is", () => {
  test.each<[payload: unknown, at: string]>([
    [{}, "input"],
    [{ input: null }, "input"],
    [{ input: 5 }, "input"],
    [{ input: ["one", 2] }, "input"],
    [{ input: { input: 5 } }, "input.input"],
    [{ messages: [] }, "messages"],
    [null, ""],
  ])("%j", (payload, at) => {
    expect(faultsOf(path, payload).paths).toEqual([at]);
  });
});

test("it is measured by a text of the length that is asked for", async () => {
  const { payload } = await benchmarkOf(path);
  expect(payload).toMatchObject({ model: "mine", input: expect.stringMatching(/^.{600}$/) });
  const longer = { benchmarkEmbedChars: 2000 };
  expect(await benchmarkOf(path, longer)).toMatchObject({ payload: { input: expect.stringMatching(/^.{2000}$/) } });
  expect(await benchmarkOf(path, { ...asPython, ...longer })).toMatchObject({ workload: 500 });
  expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 10, runs: 3 });
});
