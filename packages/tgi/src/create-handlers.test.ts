import { expect, test } from "@jest/globals";
import { createLlm } from "@pyworker/llm";
import { createHandlers } from "./create-handlers.ts";
import { createModelServer } from "./model-server.ts";

/** The last cost that is booked for an answer with this head. */
function booked(route: string, { payload, head }: { payload: object; head: Record<string, string> }): number {
  const server = createModelServer({ maxLength: 1000 });
  const handler = createHandlers({ llm: createLlm(server), server }).find((candidate) => candidate.route === route);
  const prepared = handler?.prepare(payload);
  if (prepared === undefined || "problems" in prepared) {
    throw new Error(JSON.stringify(prepared));
  }
  let cost = prepared.workload();
  const controller = new AbortController();
  const watcher = prepared.watch({
    workload: cost,
    settle: (workload) => {
      cost = workload;
    },
    remaining: () => {},
    fail: () => {},
    signal: controller.signal,
  });
  watcher?.head?.(200, { "content-type": "application/json", ...head });
  watcher?.end?.();
  return cost;
}

const head = { "x-prompt-tokens": "40", "x-generated-tokens": "30" };

test("one answer costs what its head tells", () => {
  const payload = { inputs: "Hello", parameters: { max_new_tokens: 200 } };
  expect(booked("/generate", { payload, head })).toBe(10 + 30);
  expect(booked("/", { payload, head })).toBe(10 + 30);
});

test("several answers cost as many times what the head tells of the best", () => {
  const payload = { inputs: "Hello", parameters: { max_new_tokens: 200, best_of: 2, do_sample: true } };
  expect(booked("/generate", { payload, head })).toBe(10 + 60);
});

test("an answer whose head tells nothing costs what was expected", () => {
  const payload = { inputs: "Hello", parameters: { max_new_tokens: 200, best_of: 2, do_sample: true } };
  // Half a unit for the prompt comes on top, and is rounded up.
  expect(booked("/generate", { payload, head: {} })).toBe(2 * 200 + 1);
});
