import { expect, test } from "@jest/globals";
import type { Workflow } from "../workflow.ts";
import { scanWorkflow } from "./scan-workflow.ts";

const nodes = (...list: [string, Record<string, unknown>][]): Workflow =>
  Object.fromEntries(list.map(([classType, inputs], index) => [String(index), { class_type: classType, inputs }]));

const scanned = (workflow: Workflow) => JSON.parse(JSON.stringify(scanWorkflow(workflow)));
const steps = (workflow: Workflow) => scanWorkflow(workflow).samplings.map((sampling) => sampling.steps);
const passes = (workflow: Workflow) => scanWorkflow(workflow).samplings.map((sampling) => sampling.passes);

test.each([
  [
    "EmptyLatentImage",
    { width: 512, height: 768, batch_size: 2 },
    { kind: "image", width: 512, height: 768, batch: 2 },
  ],
  ["EmptySD3LatentImage", { width: 1024, height: 1024 }, { kind: "image", width: 1024, height: 1024 }],
  [
    "EmptyHunyuanLatentVideo",
    { width: 640, height: 640, length: 81, batch_size: 1 },
    { kind: "video", width: 640, height: 640, frames: 81, batch: 1 },
  ],
  ["WanImageToVideo", { width: 832, height: 480, length: 49 }, { kind: "video", width: 832, height: 480, frames: 49 }],
  [
    "SVD_img2vid_Conditioning",
    { width: 9, height: 8, video_frames: 14 },
    { kind: "video", width: 9, height: 8, frames: 14 },
  ],
  ["EmptyAceStepLatentAudio", { seconds: 180, batch_size: 1 }, { kind: "audio", seconds: 180, batch: 1 }],
  ["EmptyAceStep1.5LatentAudio", { seconds: 60.5 }, { kind: "audio", seconds: 60.5 }],
  ["EmptyLatentImage", { width: "512", height: 512n }, { kind: "image", width: 512, height: 512 }],
  ["EmptyLatentImage", { width: "wide", height: -1 }, { kind: "image" }],
  ["EmptyLatentImage", { width: Number.NaN, height: 1e300 }, { kind: "image" }],
])("reads how much %s %j makes", (classType, inputs, latent) => {
  expect(scanned(nodes([classType, inputs]))).toEqual({ latents: [latent], samplings: [] });
});

test.each([
  ["ImageScale", { width: 512, height: 512 }],
  ["EmptyImage", { width: 512, height: 512 }],
  ["EmptyLatentImage", {}],
  ["KSamplerSelect", { sampler_name: "euler" }],
  ["BasicScheduler", { steps: 20 }],
])("takes %s for neither a latent nor a sampler", (classType, inputs) => {
  expect(scanned(nodes([classType, inputs]))).toEqual({ latents: [], samplings: [] });
});

test.each([
  ["KSampler", { steps: 25 }, 25],
  ["KSamplerAdvanced", { steps: 20, start_at_step: 0, end_at_step: 10 }, 10],
  ["KSamplerAdvanced", { steps: 20, start_at_step: 10, end_at_step: 10_000 }, 10],
  ["KSamplerAdvanced", { steps: 20 }, 20],
  ["KSamplerAdvanced", { steps: 4, start_at_step: 10, end_at_step: 2 }, 0],
  ["KSampler", { steps: ["elsewhere", 0] }, undefined],
])("counts the steps that %s %j takes", (classType, inputs, expected) => {
  expect(steps(nodes([classType, inputs]))).toEqual([expected]);
});

test.each([
  ["KSampler", { steps: 20, cfg: 1 }, 1],
  ["KSampler", { steps: 20, cfg: 1.5 }, 2],
  ["KSampler", { steps: 20 }, 2],
])("counts the passes of %s %j in a step", (classType, inputs, expected) => {
  expect(passes(nodes([classType, inputs]))).toEqual([expected]);
});

test("follows a number to the primitive node that holds it, over others", () => {
  const workflow = nodes(
    ["EmptyLatentImage", { width: ["1", 0], height: ["2", 0] }],
    ["INTConstant", { value: 832 }],
    ["PrimitiveInt", { value: ["1", 0] }],
    ["KSampler", { steps: ["1", 0], cfg: ["2", 0] }],
  );
  expect(scanned(workflow)).toEqual({
    latents: [{ kind: "image", width: 832, height: 832 }],
    samplings: [{ steps: 832, passes: 2 }],
  });
});

test.each([[["0", 0]], [["constructor", 0]], [["__proto__", 0]], [["9", 0]], [[]], [[7, 0]]])(
  "finds nothing behind the link %j",
  (link) => {
    const workflow = nodes(
      ["KSampler", { steps: link, guider: link, cfg: link, value: link }],
      ["SamplerCustom", { sigmas: link }],
    );
    expect(steps(workflow)).toEqual([undefined, undefined]);
    expect(passes(workflow)).toEqual([2, 2]);
  },
);

test("reads a custom sampler's steps from its scheduler, and its guidance from its guider", () => {
  const workflow = nodes(
    ["SamplerCustomAdvanced", { sigmas: ["2", 0], guider: ["1", 0] }],
    ["BasicGuider", {}],
    ["BasicScheduler", { steps: 28 }],
    ["SamplerCustomAdvanced", { sigmas: ["2", 0], guider: ["4", 0] }],
    ["CFGGuider", { cfg: 1 }],
    ["SamplerCustom", { sigmas: ["2", 0], cfg: 4 }],
  );
  expect(steps(workflow)).toEqual([28, 28, 28]);
  expect(passes(workflow)).toEqual([1, 1, 2]);
});

test("shares a scheduler's steps among the samplers that split them", () => {
  const workflow = nodes(
    ["SamplerCustom", { sigmas: ["1", 0] }],
    ["SplitSigmas", { sigmas: ["2", 0], step: 8 }],
    ["BasicScheduler", { steps: 20 }],
    ["SamplerCustom", { sigmas: ["1", 1] }],
  );
  expect(steps(workflow)).toEqual([8, 12]);
});
