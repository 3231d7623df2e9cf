import { describe, expect, test } from "@jest/globals";
import { createPricing } from "./pricing.ts";
import { readCompletion } from "./text-task.ts";

const unlimited = { maxModelLength: () => Number.POSITIVE_INFINITY };
const usage = { promptTokens: 100, completionTokens: 50, cachedTokens: 0 };
/** A hundred tokens by their bytes, and an answer of a hundred. */
const task = readCompletion({ prompt: "x".repeat(400), max_tokens: 100 }, { defaultTokens: 16 });
const open = (options: { promptWeight?: number } = {}) => createPricing({ ...unlimited, ...options }).open(task);

describe("a bill", () => {
  test("begins with the estimate, all of which is still to be done", () => {
    const bill = open();
    expect([bill.total, bill.remaining]).toEqual([125, 125]);
  });

  test("follows the counted prompt", () => {
    const bill = open();
    bill.promptCounted(50);
    expect([bill.total, bill.remaining]).toEqual([113, 113]);
  });

  test("has the prompt behind it with the first token, and less to do with each one more", () => {
    const bill = open();
    bill.outputSeen(1);
    expect([bill.total, bill.remaining]).toEqual([125, 99]);
    bill.outputSeen(60);
    expect([bill.total, bill.remaining]).toEqual([125, 40]);
  });

  test("grows with an answer that is longer than expected", () => {
    const bill = open();
    bill.outputSeen(150);
    expect([bill.total, bill.remaining]).toEqual([175, 0]);
  });

  test.each([
    ["the usage", usage, 75],
    ["the usage without what was cached", { ...usage, cachedTokens: 80 }, 55],
    ["the output alone where all was cached", { ...usage, cachedTokens: 800 }, 50],
    ["never nothing", { promptTokens: 0, completionTokens: 0, cachedTokens: 0 }, 1],
    ["its own idea of the prompt where only the output is told", { ...usage, promptTokens: undefined }, 75],
  ])("ends as %s", (_name, told, total) => {
    const bill = open();
    bill.used(told);
    expect([bill.total, bill.remaining]).toEqual([total, 0]);
  });

  test("takes what it has seen for the output where the usage tells none", () => {
    const bill = open();
    bill.outputSeen(30);
    bill.used({ ...usage, completionTokens: undefined });
    expect(bill.total).toBe(55);
  });

  test("prices a prompt token as it is told to", () => {
    const dear = open({ promptWeight: 1 });
    dear.used(usage);
    expect([dear.total, open({ promptWeight: 0 }).total]).toEqual([150, 100]);
  });
});
