import { describe, expect, test } from "@jest/globals";
import { createTokenCounter } from "@pyworker/tokens";
import { accepted, benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

describe("a benchmark of text", () => {
  test.each(["/v1/completions", "/v1/chat/completions"] as const)(
    "of %s asks for an answer of known length",
    async (path) => {
      const { payload } = await benchmarkOf(path);
      expect(payload).toMatchObject({ model: "mine", max_tokens: 500, ignore_eos: true });
      expect(handlerOf(path).benchmark).toMatchObject({ runs: 3, concurrency: 100, until: "stable" });
      expect(handlerOf(path, { engine: "llama" }).benchmark).toMatchObject({ concurrency: 10 });
      expect((await benchmarkOf(path)).payload).not.toEqual(payload);
    },
  );

  test("is priced by its bytes within 3 % of what its tokens cost", async () => {
    const counter = createTokenCounter();
    await counter.load();
    const { payload, workload } = await benchmarkOf("/v1/completions");
    const exact = 0.25 * counter.count(String(payload.prompt)) + 500;
    expect(Math.abs(workload - exact) / exact).toBeLessThan(0.03);
  });
});

test("a completion without a limit is priced by what the engine makes of it", () => {
  const payload = { prompt: [[1, 2, 3, 4]] };
  expect(workloadOf("/v1/completions", payload)).toBe(1 + 16);
  expect(workloadOf("/v1/completions", payload, { engine: "llama" })).toBe(1 + 500);
});

test("requests are unwrapped, and refused by the path of what is wrong", () => {
  expect(accepted("/v1/completions", { input: { prompt: "Hi" } }).transform()).toEqual({ prompt: "Hi" });
  expect(faultsOf("/v1/completions", { prompt: 5 }).paths).toEqual(["prompt"]);
  expect(faultsOf("/v1/chat/completions", { messages: [{ content: "Hi" }] }).paths).toEqual(["messages.0.role"]);
});
