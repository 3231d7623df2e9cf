import { expect, test } from "@jest/globals";
import type { Workflow } from "@pyworker/comfyui";
import { createAceSchema } from "./ace-request.ts";
import { aceWorkload } from "./ace-workload.ts";
import { buildAceWorkflow } from "./build-ace-workflow.ts";
import { checkAceWorkflow } from "./check-ace-workflow.ts";

const newer: Workflow = {
  3: { class_type: "KSampler", inputs: { seed: 1, steps: 13, cfg: 1, latent_image: ["98", 0], positive: ["94", 0] } },
  94: { class_type: "TextEncodeAceStepAudio1.5", inputs: { tags: "folk", lyrics: "", duration: ["110", 0] } },
  98: { class_type: "EmptyAceStep1.5LatentAudio", inputs: { seconds: ["110", 0], batch_size: 1 } },
  110: { class_type: "PrimitiveFloat", inputs: { value: 90 } },
};

test("says of a workflow for 1.5 which nodes make it one, and what they need", () => {
  const message = checkAceWorkflow(newer);
  expect(message).toContain(
    "this is a workflow for ACE-Step 1.5, by node 94 (TextEncodeAceStepAudio1.5), node 98 (EmptyAceStep1.5LatentAudio)",
  );
  expect(message).toContain("runs where ComfyUI has these nodes");
});

test("prices it by its seconds and steps, as any workflow", () => {
  expect(aceWorkload(newer)).toBeCloseTo(1000 * (90 / 180) * (13 / 65) * (1 / 2));
});

test("says nothing of a workflow for v1, or for something else", () => {
  expect(checkAceWorkflow(buildAceWorkflow(createAceSchema().parse({ tags: "folk, 1.5 bpm" })))).toBeUndefined();
  expect(checkAceWorkflow({ 1: { class_type: "StableDiffusion1.5", inputs: {} } })).toBeUndefined();
  expect(checkAceWorkflow({})).toBeUndefined();
});
