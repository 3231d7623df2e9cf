import { describe, expect, test } from "@jest/globals";
import { defineHandler } from "@pyworker/core";
import type { z } from "zod";
import { createModelServer, type ServerLimits } from "./model-server.ts";
import { generateSchema, tgiChatSchema, tgiCompletionSchema } from "./schemas.ts";

const infinite: ServerLimits = createModelServer().limits;
const limits: ServerLimits = { ...infinite, bestOf: 2, stopSequences: 4, prompts: 4, inputTokens: 1000 };

/** The fields that are refused. */
function refused(schema: z.ZodType, payload: unknown): string[] {
  const prepared = defineHandler({ route: "/x", payload: schema }).prepare(payload);
  return "problems" in prepared ? Object.keys(prepared.problems) : [];
}

const generate = (parameters: unknown, known = limits) =>
  refused(
    generateSchema(
      () => known,
      () => false,
    ),
    { inputs: "Hello", parameters },
  );
const stream = (parameters: unknown) =>
  refused(
    generateSchema(
      () => limits,
      () => true,
    ),
    { inputs: "Hello", parameters },
  );
const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `text ${index}`);

describe("a request to generate", () => {
  test.each([[{}], [{ inputs: "" }], [{ inputs: null }], [{ inputs: ["Hello"] }]])(
    "is refused without a text: %j",
    (payload) => {
      expect(
        refused(
          generateSchema(
            () => limits,
            () => false,
          ),
          payload,
        ),
      ).toEqual(["inputs"]);
    },
  );

  test.each([
    [undefined],
    [null],
    [{}],
    [{ max_new_tokens: 4_000_000_000, temperature: 0.01, top_k: 1, top_p: 0.99, typical_p: 0.01, truncate: 1000 }],
    [{ best_of: 1, seed: 7 }],
    [{ best_of: 0 }],
    [{ best_of: 2, do_sample: true, seed: null }],
    [{ best_of: 2, temperature: 0.5 }],
    [{ best_of: 2, top_k: 5 }],
    [{ best_of: 2, top_p: 0.5 }],
    [{ best_of: 2, typical_p: 0.5 }],
    [{ stop: texts(4), decoder_input_details: true, details: true }],
    [{ top_n_tokens: 50, grammar: { type: "regex", value: "a+" }, adapter_id: "mine", new_in_4: [1] }],
    [{ max_new_tokens: null, temperature: null, stop: null, best_of: null }],
  ])("may have the parameters %j", (parameters) => {
    expect(generate(parameters)).toEqual([]);
  });

  test.each<[parameters: Record<string, unknown>, field: string]>([
    [{ max_new_tokens: 0 }, "max_new_tokens"],
    [{ max_new_tokens: 1.5 }, "max_new_tokens"],
    [{ max_new_tokens: "20" }, "max_new_tokens"],
    [{ temperature: 0 }, "temperature"],
    [{ repetition_penalty: 0 }, "repetition_penalty"],
    [{ top_k: 0 }, "top_k"],
    [{ top_p: 0 }, "top_p"],
    [{ top_p: 1 }, "top_p"],
    [{ typical_p: 1 }, "typical_p"],
    [{ truncate: 0 }, "truncate"],
    [{ truncate: 1001 }, "truncate"],
    [{ stop: texts(5) }, "stop"],
    [{ stop: "text" }, "stop"],
    [{ seed: -1 }, "seed"],
    [{ best_of: -1 }, "best_of"],
    [{ best_of: 3, do_sample: true }, "best_of"],
    [{ best_of: 2 }, "best_of"],
    [{ best_of: 2, do_sample: false, temperature: null }, "best_of"],
    [{ best_of: 2, do_sample: true, seed: 0 }, "seed"],
  ])("is refused with %j, by name", (parameters, field) => {
    expect(generate(parameters)).toEqual([`parameters.${field}`]);
  });

  test("is refused for all its faults at once", () => {
    expect(generate({ best_of: 2, seed: 1, stop: texts(9), truncate: 9999 }).sort()).toEqual([
      "parameters.best_of",
      "parameters.seed",
      "parameters.stop",
      "parameters.truncate",
    ]);
  });

  test("is not refused for limits that the model server hasn't told", () => {
    expect(generate({ best_of: 9, do_sample: true, stop: texts(9), truncate: 9999 }, infinite)).toEqual([]);
  });
});

describe("a request for a stream", () => {
  test("has one answer, and no details of its prompt", () => {
    expect(stream({ best_of: 1, decoder_input_details: false, details: true })).toEqual([]);
    expect(stream({ best_of: 2, do_sample: true })).toEqual(["parameters.best_of"]);
    expect(stream({ best_of: 0 })).toEqual(["parameters.best_of"]);
    expect(stream({ decoder_input_details: true })).toEqual(["parameters.decoder_input_details"]);
  });
});

describe("a completion", () => {
  const completion = (payload: object) =>
    refused(
      tgiCompletionSchema(() => limits),
      { prompt: "Hello", ...payload },
    );

  test.each([
    [{ max_tokens: 5, stop: texts(4), n: 7, top_p: 0.5, model: "tgi" }],
    [{ prompt: texts(4), suffix: null, stream: true }],
    [{ prompt: "", max_tokens: null }],
  ])("may be %j", (payload) => {
    expect(completion(payload)).toEqual([]);
  });

  test.each<[payload: Record<string, unknown>, field: string]>([
    [{ prompt: texts(5) }, "prompt"],
    [{ prompt: [1, 2] }, "prompt"],
    [{ prompt: undefined }, "prompt"],
    [{ suffix: "the end" }, "suffix"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ stop: texts(5) }, "stop"],
  ])("is refused as %j, by name", (payload, field) => {
    expect(completion(payload).map((path) => path.split(".")[0])).toEqual([field]);
  });
});

describe("a chat", () => {
  const messages = [{ role: "user", content: "Hello" }];
  const chat = (payload: object) =>
    refused(
      tgiChatSchema(() => limits),
      { messages, ...payload },
    );

  test.each([
    [{ max_tokens: 5, stop: texts(4), n: 0 }],
    [{ max_completion_tokens: 5, n: null, tools: [], stream: true, stream_options: { include_usage: true } }],
    [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "http://x/y.png" } }] }] }],
  ])("may be %j", (payload) => {
    expect(chat(payload)).toEqual([]);
  });

  test.each<[payload: object, field: string]>([
    [{ max_tokens: 0 }, "max_tokens"],
    [{ max_completion_tokens: 0 }, "max_completion_tokens"],
    [{ stop: texts(5) }, "stop"],
    [{ messages: "Hello" }, "messages"],
  ])("is refused as %j, by name", (payload, field) => {
    expect(chat(payload)).toEqual([field]);
  });
});
