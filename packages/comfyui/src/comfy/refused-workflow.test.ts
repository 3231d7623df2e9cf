import { afterEach, expect, test } from "@jest/globals";
import type { Workflow } from "../workflow.ts";
import { cleanUp, faultOf, imageWorkflow, node, run, samplerWorkflow, start } from "./comfy.test.fixture.ts";

afterEach(cleanUp);

const refusalOf = async (workflow: Workflow) => faultOf(run(await start(), workflow));

test("names the node, the field and the values that would do", async () => {
  const workflow = samplerWorkflow(1);
  const fault = await refusalOf({
    ...workflow,
    4: node("CheckpointLoaderSimple", { ckpt_name: "missing.safetensors" }, "Load Checkpoint"),
  });
  expect(fault).toMatchObject({
    type: "invalid_workflow",
    nodes: [
      {
        node_id: "4",
        class_type: "CheckpointLoaderSimple",
        title: "Load Checkpoint",
        field: "ckpt_name",
        type: "value_not_in_list",
        received: "missing.safetensors",
        allowed: expect.arrayContaining(["v1-5-pruned-emaonly-fp16.safetensors"]),
      },
    ],
  });
  expect(fault.message).toMatch(
    /^node 4 \(CheckpointLoaderSimple\) ckpt_name: value not in list: "missing.safetensors" \(allowed: /,
  );
});

test("names what is missing, and what is out of bounds", async () => {
  const fault = await refusalOf({ ...imageWorkflow(), 1: node("EmptyImage", { width: 0, height: 16, batch_size: 1 }) });
  expect(fault.nodes).toMatchObject([
    { node_id: "1", field: "width", type: "value_smaller_than_min", received: 0, minimum: 1, maximum: 16_384 },
    { node_id: "1", field: "color", type: "required_input_missing" },
  ]);
});

test("names a link that leads nowhere", async () => {
  const fault = await refusalOf({ 2: node("SaveImage", { images: ["99", 0], filename_prefix: "x" }) });
  expect(fault.type).toBe("invalid_workflow");
  expect(fault.message).toBe("node 2 (SaveImage): a link leads to node 99, which is not in the workflow");
});

test("explains an unknown class of nodes", async () => {
  const fault = await refusalOf({ ...imageWorkflow(), 3: node("FancyNode", {}, "Fancy") });
  expect(fault).toMatchObject({
    type: "invalid_workflow",
    nodes: [{ node_id: "3", class_type: "FancyNode", title: "Fancy", type: "missing_node_type" }],
  });
  expect(fault.message).toMatch(/^node 3 \(FancyNode\): ComfyUI has no node of this class/);
});

test("explains that nothing is put out", async () => {
  const { 1: image } = imageWorkflow();
  const fault = await refusalOf(image === undefined ? {} : { 1: image });
  expect(fault.message).toContain("has no output");
});

test("explains a workflow that is too large", async () => {
  const comfyui = await start({ maxUploadBytes: 1000 });
  const fault = await faultOf(run(comfyui, { 1: node("CLIPTextEncode", { text: "x".repeat(2000) }) }));
  expect(fault).toMatchObject({ type: "invalid_workflow", message: expect.stringContaining("larger") });
});
