import { expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createLlm } from "./llm.ts";

const limits = { name: undefined, maxLength: 8192 };
const silence = { info: () => {}, warn: () => {} };

/** All that is logged of a tokenizer until it has been compared, or could not be. */
async function logOf(count: (text: string) => Promise<number>, options = {}) {
  const said: [level: string, message: string | undefined][] = [];
  const log = {
    info: (_fields: unknown, message?: string) => said.push(["info", message]),
    warn: (_fields: unknown, message?: string) => said.push(["warn", message]),
  };
  const access = { getJson: async () => undefined, postJson: async () => undefined, log };
  await createLlm(limits, options).load(access, count);
  await until(() => said.some(([, message]) => message?.includes("model server")));
  return said;
}

test("compares its tokenizer with the model server's", async () => {
  const said = await logOf(async (text) => text.length);
  expect(said).toEqual([["info", "tokens as counted here, and by the model server"]]);
});

test("says that the model server could not be asked", async () => {
  const said = await logOf(() => Promise.reject(new Error("404")));
  expect(said).toEqual([["info", "the model server could not be asked to count tokens"]]);
});

test("warns of a tokenizer that isn't there", async () => {
  const [first] = await logOf(async (text) => text.length, { tokenizer: "/nowhere/tokenizer.json" });
  expect(first).toEqual(["warn", "the tokenizer is not the one that was meant"]);
});

test("loads and asks nothing where max_tokens alone is counted", async () => {
  const llm = createLlm(limits, { workload: { count: "max_tokens" } });
  const access = { getJson: async () => undefined, postJson: async () => undefined, log: silence };
  await llm.load(access, () => Promise.reject(new Error("nobody is to be asked")));
  expect(llm.counter.tokenizer).toBeUndefined();
});

test("names its unit, so that a throughput in another one is measured anew", () => {
  const units = [undefined, { promptWeight: 1 }, { count: "max_tokens" as const }].map(
    (workload) => createLlm(limits, workload && { workload }).unit,
  );
  expect(new Set(units).size).toBe(3);
});
