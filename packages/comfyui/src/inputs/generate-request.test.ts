import { describe, expect, test } from "@jest/globals";
import { FilePart, parseJson } from "@pyworker/core";
import { z } from "zod";
import type { Workflow } from "../workflow.ts";
import { generateRequestSchema } from "./generate-request.ts";
import { buildWorkflow, type TypedRequests } from "./request-source.ts";

const workflow = { "9": { class_type: "SaveImage", inputs: { images: ["8", 0] } } };

const songSchema = z.looseObject({ tags: z.string(), seconds: z.number().max(240).default(180) });
const songs: TypedRequests<z.output<typeof songSchema>> = {
  schema: songSchema,
  keys: ["tags", "lyrics"],
  build: ({ seconds, tags }): Workflow => ({ "14": { class_type: "TextEncode", inputs: { tags, seconds } } }),
};

const schema = generateRequestSchema();
const parse = (input: unknown) => schema.parse({ input });

/** The faults by their paths. */
const faults = (payload: unknown, checked: z.ZodType = schema): Record<string, string> => {
  const { error } = checked.safeParse(payload);
  return Object.fromEntries((error?.issues ?? []).map(({ message, path }) => [path.join("."), message]));
};

describe("a generate request", () => {
  test("is a workflow, with nothing else set", () => {
    expect(parse({ workflow_json: workflow })).toEqual({
      source: { kind: "workflow", workflow },
      overrides: {},
      files: {},
    });
  });

  test("may have its workflow as JSON text, in which long seeds survive", () => {
    const text = '{"3": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615}}}';
    expect(parse({ workflow_json: text }).source).toEqual({
      kind: "workflow",
      workflow: { "3": { class_type: "KSampler", inputs: { seed: 18446744073709551615n } } },
    });
  });

  test("may be a modifier with modifications", () => {
    const input = { modifier: "Text2Image", modifications: { prompt: "a cat" }, workflow_json: {} };
    expect(parse(input).source).toEqual({ kind: "modifier", name: "Text2Image", modifications: { prompt: "a cat" } });
    expect(parse({ modifier: "Text2Image" }).source).toMatchObject({ modifications: {} });
  });

  test("keeps what is set", () => {
    const set = {
      request_id: "job_1.a-B",
      overrides: { "9": { filename_prefix: "x" } },
      files: { "cat.png": "https://example.com/cat.png" },
      s3: {
        ...{ access_key_id: "k", secret_access_key: "s", endpoint_url: "https://s3.example.com", bucket_name: "b" },
        ...{ region: "auto", connect_timeout: 60, connect_attempts: 3 },
      },
      webhook: { url: "http://localhost:3001/session/end", extra_params: { a: 1 }, secret: "s", timeout: 30 },
      ...{ return_outputs_as_base64: true, previews: false, include_temp: true },
    };
    expect(parse({ workflow_json: workflow, ...set })).toEqual({ source: { kind: "workflow", workflow }, ...set });
  });

  test.each([
    ["empty strings and objects", "", {}],
    ["null", null, null],
  ])("takes %s for what is not set", (_name, text, object) => {
    const input = {
      ...{ workflow_json: workflow, request_id: text, modifier: text, modifications: object, overrides: object },
      ...{ files: object, return_outputs_as_base64: null, previews: null, include_temp: null },
      s3: { access_key_id: text, secret_access_key: text, endpoint_url: text, bucket_name: text, region: text },
      webhook: { url: text, extra_params: object, secret: text },
    };
    const unset = parse({ workflow_json: workflow });
    expect(parse(input)).toEqual(unset);
    expect(parse({ ...input, s3: object, webhook: object })).toEqual(unset);
  });

  test("takes a part of the settings, for the worker to fill in the rest", () => {
    const { s3, webhook } = parse({
      workflow_json: workflow,
      s3: { access_key_id: "", bucket_name: "mine" },
      webhook: { url: "", extra_params: { a: 1 } },
    });
    expect({ s3, webhook }).toEqual({ s3: { bucket_name: "mine" }, webhook: { extra_params: { a: 1 } } });
  });

  test("may have members that nobody knows", () => {
    expect(faults({ input: { workflow_json: workflow, later: 1 }, other: 2 })).toEqual({});
  });

  test.each([
    ["a slash", "a/b"],
    ["dots alone", ".."],
    ["129 characters", "a".repeat(129)],
    ["a number", 7],
    ["a space", "a b"],
  ])("refuses a request_id of %s", (_name, requestId) => {
    expect(faults({ input: { workflow_json: workflow, request_id: requestId } })).toEqual({
      "input.request_id": expect.stringContaining("1 to 128 of the characters"),
    });
  });

  test("must ask for something", () => {
    const message = "nothing to do: give one of workflow_json, modifier";
    expect(faults({ input: {} })).toEqual({ input: message });
    expect(faults({ input: { workflow_json: {}, modifier: "" } })).toEqual({ input: message });
  });

  test("must not ask for two things", () => {
    expect(faults({ input: { workflow_json: workflow, modifier: "Text2Image" } })).toEqual({
      input: "workflow_json and modifier exclude each other: give one of them",
    });
  });

  test("takes modifications of a modifier alone", () => {
    expect(faults({ input: { workflow_json: workflow, modifications: { seed: 1 } } })).toEqual({
      "input.modifications": expect.stringContaining("overrides"),
    });
  });

  test.each([[undefined], [null], [[]], ["text"], [{}], [{ input: 7 }], [{ input: null }]])(
    "is an object with an input, and not %p",
    (payload) => {
      expect(Object.values(faults(payload))).toEqual([expect.stringContaining('{"input": {')]);
    },
  );

  test("says what is wrong with a workflow, and where", () => {
    expect(faults({ input: { workflow_json: "{" } })).toEqual({
      "input.workflow_json": expect.stringContaining("expected a workflow, or the JSON text of one"),
    });
    expect(faults({ input: { workflow_json: { nodes: [], links: [] } } })).toEqual({
      "input.workflow_json": expect.stringContaining("Export (API)"),
    });
    expect(faults({ input: { workflow_json: { "3": { inputs: {} } } } })).toEqual({
      "input.workflow_json.3": expect.stringContaining("class_type is missing"),
    });
  });

  test.each([
    ["webhook.url", { webhook: { url: "your-webhook-url" } }],
    ["webhook.url", { webhook: { url: "file:///etc/passwd" } }],
    ["webhook.timeout", { webhook: { url: "https://example.com", timeout: 0 } }],
    ["s3.endpoint_url", { s3: { endpoint_url: "example" } }],
    ["overrides.6", { overrides: { "6": "text" } }],
    ["files.a", { files: { a: 7 } }],
    ["previews", { previews: "yes" }],
  ])("names %s when it is wrong", (path, members) => {
    expect(Object.keys(faults({ input: { workflow_json: workflow, ...members } }))).toEqual([`input.${path}`]);
  });
});

describe("a typed request", () => {
  const typedSchema = generateRequestSchema(songs);

  test("is known by its members, and builds a workflow", () => {
    const { source } = typedSchema.parse({ input: { tags: "jazz", request_id: "a", workflow_json: {} } });
    expect(source).toEqual({ kind: "typed", request: { tags: "jazz", seconds: 180 } });
    expect(buildWorkflow(source, songs)).toEqual({
      "14": { class_type: "TextEncode", inputs: { tags: "jazz", seconds: 180 } },
    });
  });

  test("leaves room for workflows and modifiers", () => {
    const { source } = typedSchema.parse({ input: { workflow_json: workflow, tags: "" } });
    expect(buildWorkflow(source, songs)).toEqual(workflow);
    const modified = typedSchema.parse({ input: { modifier: "Text2Image" } });
    expect(buildWorkflow(modified.source, songs)).toHaveProperty("3.class_type", "KSampler");
  });

  test("names its faults within input", () => {
    expect(faults({ input: { tags: "jazz", seconds: 1000 } }, typedSchema)).toEqual({
      "input.seconds": expect.stringContaining("240"),
    });
    expect(faults({ input: { lyrics: "la" } }, typedSchema)).toHaveProperty(["input.tags"]);
    expect(faults({ input: { tags: "jazz", workflow_json: workflow } }, typedSchema)).toEqual({
      input: "workflow_json and tags exclude each other: give one of them",
    });
    expect(faults({ input: {} }, typedSchema)).toEqual({
      input: "nothing to do: give one of workflow_json, modifier, tags, lyrics",
    });
  });
});

describe("a form", () => {
  const cat = new FilePart("cat.png", Buffer.from("cat"));
  const dog = new FilePart("dog.png", Buffer.from("dog"));
  const input = JSON.stringify({ workflow_json: workflow, files: { bird: "https://example.com/bird.png" } });

  test("has input as JSON text, and files by the names of their fields", () => {
    expect(schema.parse({ input, picture: cat, mask: dog, note: "text" })).toEqual({
      source: { kind: "workflow", workflow },
      overrides: {},
      files: { bird: "https://example.com/bird.png", picture: cat, mask: dog },
    });
  });

  test("has any number of files in the field files, by their own names", () => {
    expect(schema.parse({ input, files: [cat, dog] }).files).toMatchObject({ "cat.png": cat, "dog.png": dog });
    expect(schema.parse({ input, files: cat }).files).toMatchObject({ "cat.png": cat });
  });

  test("keeps every digit of a seed", () => {
    const text = '{"modifier": "Text2Image", "modifications": {"seed": 18446744073709551615}}';
    expect(schema.parse({ input: text }).source).toEqual({
      ...{ kind: "modifier", name: "Text2Image", modifications: { seed: parseJson("18446744073709551615") } },
    });
  });

  test("must not have two files of one name", () => {
    expect(faults({ input, picture: [cat, dog] })).toEqual({ input: expect.stringContaining("the name picture") });
    expect(faults({ input, bird: cat })).toEqual({ input: expect.stringContaining("the name bird") });
  });

  test.each([["{"], ["7"], [undefined]])("must have JSON of an object as input, and not %p", (text) => {
    expect(faults({ input: text, picture: cat })).toEqual({ input: expect.stringContaining("JSON text of an object") });
  });
});
