import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cleanUp, start } from "../comfy/comfy.test.fixture.ts";
import type { ComfyHttp } from "../comfy/comfy-http.ts";
import type { JobStatus } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";
import { refusalOf } from "./refusal-of.ts";

const workflow: Workflow = {
  1: { class_type: "EmptyImage", inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
  2: { class_type: "TextEncodeAceStepAudio1.5", inputs: {} },
  3: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "a" } },
};

const nodeErrors = {
  3: {
    class_type: "SaveImage",
    dependent_outputs: ["3"],
    errors: [
      {
        type: "required_input_missing",
        message: "Required input is missing",
        details: "images",
        extra_info: { input_name: "images" },
      },
    ],
  },
};

const result = (message: string, status: JobStatus = "failed") => ({
  ...{ id: "a", message, status, comfyui_response: {}, output: [], timings: {} },
});

let comfy: ComfyHttp;

beforeAll(async () => {
  comfy = (await start()).comfy;
});

afterAll(cleanUp);

const refusal = (message: string, of = workflow) => refusalOf(result(message), { comfy, workflow: of });

test.each([
  ["on one line", JSON.stringify(nodeErrors)],
  ["on several", JSON.stringify(nodeErrors, undefined, 2)],
])("reads the faults of nodes, told %s", async (_how, text) => {
  const error = await refusal(`Generation failed: ComfyUI node errors: ${text}`);
  expect(error).toMatchObject({
    status: 400,
    fault: { type: "invalid_workflow", nodes: [{ node_id: "3", field: "images", type: "required_input_missing" }] },
  });
});

describe("where no node's fault is told", () => {
  test.each(["{}", "[]", "nothing that can be read"])("finds the class that ComfyUI hasn't: %s", async (text) => {
    const error = await refusal(`Generation failed: ComfyUI node errors: ${text}`);
    expect(error?.fault).toMatchObject({
      type: "invalid_workflow",
      nodes: [{ node_id: "2", class_type: "TextEncodeAceStepAudio1.5", type: "missing_node_type" }],
    });
  });

  test("says that the reason isn't known where ComfyUI has all classes, or can't be asked", async () => {
    const { 2: _unknown, ...known } = workflow;
    const message = "ComfyUI refuses the workflow: its API wrapper doesn't tell why";
    expect((await refusal("ComfyUI node errors: {}", known))?.fault).toEqual({ type: "invalid_workflow", message });
    const other = await start();
    await other.server.kill();
    const unreachable = await refusalOf(result("ComfyUI node errors: {}"), { comfy: other.comfy, workflow });
    expect(unreachable?.fault).toEqual({ type: "invalid_workflow", message });
  });
});

test.each([
  [result("Generation failed: Execution error: {}")],
  [result("Generation failed: Network error getting result")],
  [result("ComfyUI node errors: {}", "completed")],
])("finds none in %j", async (other) => {
  expect(await refusalOf(other, { comfy, workflow })).toBeUndefined();
});
