import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { stringifyJson } from "@pyworker/core";
import type { Workflow } from "../workflow.ts";
import { type BenchmarkSources, createBenchmarkPayloads } from "./create-benchmark-payloads.ts";

const workflow = (name: string): Workflow => ({
  3: { class_type: "KSampler", inputs: { seed: 1, steps: 20, cfg: 7 } },
  6: { class_type: "CLIPTextEncode", inputs: { text: name } },
});

let folder: string;
let lines: [level: string, fields: unknown, message: unknown][];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchmark-payloads-"));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const theLog: ReturnType<BenchmarkSources["log"]> = {
  info: (fields: unknown, message?: unknown) => lines.push(["info", fields, message]),
  warn: (fields: unknown, message?: unknown) => lines.push(["warn", fields, message]),
};
const log = () => theLog;
const builtIn = () => ({ input: { modifier: "Text2Image", modifications: { prompt: "built in", seed: 1 } } });

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : stringifyJson(content));
  return path;
}

const draw = (sources: Partial<BenchmarkSources>) => createBenchmarkPayloads({ builtIn, log, ...sources })();
const warnings = () => lines.filter(([level]) => level === "warn").map(([, fields]) => fields);

/** The text by which the workflows here can be told apart. */
const drawnFrom = async (sources: Partial<BenchmarkSources>) => JSON.stringify(await draw(sources));

test("takes the app's file, then the named one, then the image's, then what is built in", async () => {
  const file = write("a.json", workflow("app's"));
  const path = write("b.json", workflow("named"));
  const wellKnown = write("c.json", workflow("image's"));
  expect(await drawnFrom({ file, path, wellKnown })).toContain("app's");
  expect(await drawnFrom({ path, wellKnown })).toContain("named");
  expect(await drawnFrom({ wellKnown })).toContain("image's");
  expect(await drawnFrom({})).toContain("built in");
  expect(warnings()).toEqual([]);
});

test("says nothing of a file that need not exist, and warns of one that was named", async () => {
  const file = join(folder, "none.json");
  expect(await drawnFrom({ file, wellKnown: file, path: "" })).toContain("built in");
  expect(lines).toEqual([]);
  expect(await drawnFrom({ path: file })).toContain("built in");
  expect(warnings()).toMatchObject([{ path: file, reason: expect.stringContaining("ENOENT") }]);
});

test("writes to the log that there is when the first request is asked for", async () => {
  let current: typeof theLog = { info: () => {}, warn: () => {} };
  const next = createBenchmarkPayloads({ builtIn, log: () => current, file: write("a.json", workflow("app's")) });
  current = theLog;
  await next();
  expect(lines).toMatchObject([["info", { path: expect.stringContaining("a.json") }, expect.anything()]]);
});

test.each([
  ["no JSON", "{", "JSON"],
  ["a list", [], "it holds no JSON object"],
  ["an input that is none", { input: "workflow" }, "its `input` is no object"],
  ["a request for nothing", { input: {} }, "it has neither a `workflow_json` nor a `modifier`"],
  ["nothing", {}, "it has neither a `workflow_json` nor a `modifier`"],
  [
    "the editor's format",
    { nodes: [], links: [], version: 0.4 },
    "its workflow is in the editor's format: export it with `Export (API)`",
  ],
  [
    "no node",
    { input: { workflow_json: { 3: { inputs: {} } } } },
    'its workflow has no class_type or no inputs in node "3"',
  ],
])("warns of a file with %s, and takes the next", async (_what, content, reason) => {
  const file = write("bad.json", content);
  const path = write("good.json", workflow("good"));
  expect(await drawnFrom({ file, path })).toContain("good");
  expect(warnings()).toMatchObject([{ path: file, reason: expect.stringContaining(reason) }]);
});

test("passes over a file that the handler would refuse", async () => {
  const file = write("typed.json", { input: { prompt: "a lake" } });
  expect(await drawnFrom({ file, faultOf: () => undefined })).toContain("a lake");
  expect(await drawnFrom({ file, faultOf: () => "too wide" })).toContain("built in");
  expect(warnings()).toEqual([{ path: file, reason: "too wide" }]);
});

test("takes a whole request, an input alone, a bare workflow, and one with a node called input", async () => {
  const nodes = workflow("it");
  const input = { workflow_json: expect.objectContaining({ 6: nodes[6] }) };
  for (const content of [{ input: { workflow_json: nodes, s3: {} } }, { workflow_json: nodes, s3: {} }]) {
    expect(await draw({ file: write("a.json", content) })).toMatchObject({ input: { ...input, s3: {} } });
  }
  expect(await draw({ file: write("b.json", nodes) })).toMatchObject({ input });
  const { 6: text } = nodes;
  expect(await draw({ file: write("c.json", { ...nodes, input: text }) })).toMatchObject({
    input: { workflow_json: { input: text } },
  });
});

describe("every draw", () => {
  test("has other seeds and another id, and the rest as it was", async () => {
    const nodes = {
      3: { class_type: "KSampler", inputs: { seed: 2n ** 63n, steps: 20, model: ["4", 0] } },
      4: { class_type: "KSamplerAdvanced", inputs: { noise_seed: 0, text: "__RANDOM_INT__" } },
      5: { class_type: "Custom", inputs: { seed: ["9", 0], rand_seed: 5, list: [{ seed: 6 }] } },
    };
    const next = createBenchmarkPayloads({
      builtIn,
      log,
      file: write("a.json", { input: { request_id: "x", workflow_json: nodes } }),
    });
    const seed = expect.any(Number);
    const drawn = [await next(), await next()];
    for (const payload of drawn) {
      expect(payload).toEqual({
        input: {
          request_id: expect.stringMatching(/^test-\d+$/),
          workflow_json: {
            3: { class_type: "KSampler", inputs: { seed, steps: 20, model: ["4", 0] } },
            4: { class_type: "KSamplerAdvanced", inputs: { noise_seed: seed, text: "__RANDOM_INT__" } },
            5: { class_type: "Custom", inputs: { seed: ["9", 0], rand_seed: seed, list: [{ seed }] } },
          },
        },
      });
    }
    expect(new Set(drawn.map((payload) => payload.input.request_id)).size).toBe(2);
    expect(drawn[0]?.input.workflow_json).not.toEqual(drawn[1]?.input.workflow_json);
    expect(warnings()).toEqual([]);
  });

  test("comes from one reading of the file", async () => {
    const file = write("a.json", workflow("first"));
    const next = createBenchmarkPayloads({ builtIn, log, file });
    await Promise.all([next(), next()]);
    rmSync(file);
    expect(JSON.stringify(await next())).toContain("first");
    expect(lines).toHaveLength(1);
  });
});

test("doesn't warn of a cache where the seed is drawn later", async () => {
  await draw({ file: write("a.json", { modifier: "Text2Image", workflow_json: {} }) });
  await draw({ file: write("b.json", { 1: { class_type: "KSampler", inputs: { seed: "__RANDOM_INT__" } } }) });
  expect(lines).toHaveLength(2);
  expect(warnings()).toEqual([]);
});

test("warns of a workflow that a cache may answer", async () => {
  const file = write("a.json", { 1: { class_type: "EmptyImage", inputs: { color: 3, seed: ["2", 0] } } });
  await draw({ file });
  expect(lines.map(([level, , message]) => [level, message])).toEqual([
    ["info", expect.stringContaining("this file's request")],
    ["warn", expect.stringContaining("no seed to change")],
  ]);
});
