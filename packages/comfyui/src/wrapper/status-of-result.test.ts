import { describe, expect, test } from "@jest/globals";
import type { Result } from "../jobs/result.ts";
import { readResult } from "./read-result.ts";
import { statusOfResult } from "./status-of-result.ts";

const result: Result = { id: "a", message: "", status: "completed", comfyui_response: {}, output: [], timings: {} };

describe("the status of a result", () => {
  test.each([
    [200, { status: "completed" }],
    [200, { status: "generating" }],
    [499, { status: "cancelled", message: "timed out" }],
    [500, { status: "failed", message: "Generation failed: Execution error: {}" }],
    [502, { status: "failed", message: "Generation failed: Cannot connect to host 127.0.0.1:18188" }],
    [502, { status: "failed", message: "Generation failed: Failed to post workflow after 5 attempts: " }],
    [502, { status: "failed", message: "Generation failed: WebSocket timeout for job x" }],
    [502, { status: "failed", message: "Preprocessing failed: Network error" }],
  ] as const)("is %i of %j", (status, fields) => {
    expect(statusOfResult({ ...result, ...fields })).toBe(status);
  });

  test("follows the fault where one is named, whatever its message says", () => {
    const error = { type: "invalid_workflow", message: "timed out" } as const;
    expect(statusOfResult({ ...result, status: "failed", message: "timed out", error })).toBe(400);
  });
});

describe("a result is read", () => {
  test("with what it lacks, and without what is none", () => {
    const item = {
      filename: "a.png",
      local_path: "/a.png",
      type: "output",
      subfolder: "",
      node_id: "9",
      output_type: "images",
    };
    const sent = { id: "a", message: "m", status: "failed", comfyui_response: null, output: [item, {}, null] };
    expect(readResult(sent)).toEqual({ ...result, message: "m", status: "failed", output: [item] });
  });

  test.each([
    undefined,
    [],
    "x",
    {},
    { id: "a", message: "m", status: "other" },
    { id: 1, message: "m", status: "failed" },
  ])("not from %j", (value) => {
    expect(readResult(value)).toBeUndefined();
  });
});
