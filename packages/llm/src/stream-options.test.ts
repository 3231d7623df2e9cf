import { describe, expect, test } from "@jest/globals";
import type { Completion } from "./schemas.ts";
import { askForUsage, isUsageOurs } from "./stream-options.ts";

const ask = (fields: Partial<Completion>) => askForUsage({ request: { prompt: "Hi", ...fields }, body: undefined });

describe("usage is asked for on our own account", () => {
  test.each<Partial<Completion>>([
    { stream: true },
    { stream: true, stream_options: null },
    { stream: true, stream_options: { include_usage: false } },
    { stream: true, stream_options: { include_usage: null } },
    { stream: true, stream_options: { include_usage: false, continuous_usage_stats: false } },
  ])("of %j", (fields) => {
    expect(isUsageOurs({ prompt: "Hi", ...fields })).toBe(true);
    expect(ask(fields)).toEqual({
      prompt: "Hi",
      ...fields,
      stream_options: { ...fields.stream_options, include_usage: true },
    });
  });

  test("and what else the options hold stays", () => {
    const options = { include_usage: false, include_obfuscation: true };
    expect(ask({ stream: true, stream_options: options })).toMatchObject({
      stream_options: { ...options, include_usage: true },
    });
  });
});

describe("the client's own bytes go to the engine", () => {
  test.each<Partial<Completion>>([
    {},
    { stream: false },
    { stream: null, stream_options: null },
    { stream: true, stream_options: { include_usage: true } },
    { stream: true, stream_options: {} },
    { stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } },
    { stream: true, stream_options: { include_usage: false, continuous_usage_stats: true } },
  ])("of %j", (fields) => {
    expect(isUsageOurs({ prompt: "Hi", ...fields })).toBe(false);
    expect(ask(fields)).toBeUndefined();
  });
});

test("a wrapped request is unwrapped", () => {
  const request = { prompt: "Hi", seed: 2n ** 60n };
  expect(askForUsage({ request, body: request })).toEqual(request);
});
