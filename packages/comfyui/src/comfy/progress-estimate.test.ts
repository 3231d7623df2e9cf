import { expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import type { Workflow } from "../workflow.ts";
import { createProgressEstimate } from "./progress-estimate.ts";

const textToImage: Workflow = {
  load: { class_type: "CheckpointLoaderSimple", inputs: {} },
  sample: { class_type: "KSampler", inputs: { steps: 16 } },
  decode: { class_type: "VAEDecode", inputs: {} },
  save: { class_type: "SaveImage", inputs: {} },
};

function estimateOf(workflow: Workflow) {
  const clock = manualClock();
  const estimate = createProgressEstimate(workflow, clock);
  return {
    finish: estimate.finish,
    stepAfter: (milliseconds: number, nodeId: string, value: number, max: number) => {
      clock.advance(milliseconds);
      return estimate.step({ nodeId, value, max });
    },
  };
}

test("tells a percentage of the whole workflow, nodes included, and what remains by the pace of the steps", () => {
  const { finish, stepAfter } = estimateOf(textToImage);
  finish(["load"]);
  // 90 % for the steps, and 10 % for the other three nodes.
  expect(stepAfter(9000, "sample", 1, 16)).toEqual({ percentage: 8.9 });
  expect(stepAfter(500, "sample", 2, 16)).toEqual({ percentage: 14.5, remainingSeconds: 7 });
  expect(stepAfter(1500, "sample", 4, 16)).toEqual({ percentage: 25.8, remainingSeconds: 8 });
  expect(stepAfter(0, "sample", 16, 16)).toEqual({ percentage: 93.3, remainingSeconds: 0 });
});

test("tells no time before there is a pace", () => {
  const { stepAfter } = estimateOf(textToImage);
  expect(stepAfter(60_000, "sample", 1, 16).remainingSeconds).toBeUndefined();
});

test("counts the second sampler's steps into what remains of the first's", () => {
  const { finish, stepAfter } = estimateOf({
    high: { class_type: "KSamplerAdvanced", inputs: { steps: 20, start_at_step: 0, end_at_step: 10 } },
    low: { class_type: "KSamplerAdvanced", inputs: { steps: 20, start_at_step: 10, end_at_step: 10_000 } },
  });
  stepAfter(0, "high", 1, 10);
  expect(stepAfter(25_000, "high", 2, 10).remainingSeconds).toBe(18 * 25);
  stepAfter(8 * 25_000, "high", 10, 10);
  finish(["high"]);
  // The model is exchanged before the second sampler's first step, which tells nothing of the pace.
  expect(stepAfter(90_000, "low", 1, 10)).toEqual({ percentage: 55, remainingSeconds: 9 * 25 });
});

test("never goes back", () => {
  const { finish, stepAfter } = estimateOf(textToImage);
  finish(["load"]);
  const seen = [
    stepAfter(1000, "sample", 8, 16),
    // A batch: the node starts over. Then it counts otherwise than was told.
    stepAfter(1000, "sample", 1, 16),
    stepAfter(1000, "sample", 9, 40),
    stepAfter(1000, "sample", 40, 40),
  ].map(({ percentage }) => percentage);
  expect(seen).toEqual([...seen].sort((left, right) => left - right));
  expect(seen.at(-1)).toBeLessThanOrEqual(100);
});

test("takes the steps that the sampler counts where it counts otherwise than was told", () => {
  const { stepAfter } = estimateOf(textToImage);
  stepAfter(0, "sample", 1, 4);
  expect(stepAfter(1000, "sample", 2, 4).remainingSeconds).toBe(2);
});

test("tells what remains of a node whose steps nobody knew ahead, by its own pace", () => {
  const { finish, stepAfter } = estimateOf({
    upscale: { class_type: "ImageUpscaleWithModel", inputs: {} },
    ...textToImage,
  });
  finish(["load", "sample", "decode"]);
  stepAfter(0, "upscale", 1, 9);
  expect(stepAfter(2000, "upscale", 2, 9).remainingSeconds).toBe(14);
});

test("says nothing of the time while a sampler is ahead whose pace is unknown", () => {
  const { stepAfter } = estimateOf({ upscale: { class_type: "ImageUpscaleWithModel", inputs: {} }, ...textToImage });
  stepAfter(0, "upscale", 1, 9);
  expect(stepAfter(2000, "upscale", 2, 9).remainingSeconds).toBeUndefined();
});

test("bears a node that is not in the workflow, and counters that make no sense", () => {
  const { stepAfter } = estimateOf({});
  expect(stepAfter(0, "5.0.1", 1, 2)).toEqual({ percentage: 0 });
  expect(stepAfter(0, "5.0.1", 7, 0)).toEqual({ percentage: 0, remainingSeconds: 0 });
});
