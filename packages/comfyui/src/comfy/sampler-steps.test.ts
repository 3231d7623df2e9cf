import { expect, test } from "@jest/globals";
import { samplerSteps } from "./sampler-steps.ts";

const stepsOf = (nodes: Record<string, [classType: string, inputs: Record<string, unknown>]>) =>
  Object.fromEntries(
    samplerSteps(
      Object.fromEntries(Object.entries(nodes).map(([id, [class_type, inputs]]) => [id, { class_type, inputs }])),
    ),
  );

test("counts the steps of a KSampler", () => {
  expect(stepsOf({ 3: ["KSampler", { steps: 20 }], 4: ["VAEDecode", { steps: 7 }] })).toEqual({ 3: 20 });
});

test("counts each of Wan's two samplers by its own part", () => {
  expect(
    stepsOf({
      95: ["KSamplerAdvanced", { steps: 20, start_at_step: 8, end_at_step: 10_000 }],
      96: ["KSamplerAdvanced", { steps: 20, start_at_step: 0, end_at_step: 8 }],
    }),
  ).toEqual({ 95: 12, 96: 8 });
});

test("takes steps from a primitive node", () => {
  expect(stepsOf({ 1: ["PrimitiveInt", { value: 9 }], 2: ["KSampler", { steps: ["1", 0] }] })).toEqual({ 2: 9 });
});

test("takes a custom sampler's steps from its scheduler, through what changes the sigmas", () => {
  expect(
    stepsOf({
      1: ["BasicScheduler", { steps: 30 }],
      2: ["FlipSigmas", { sigmas: ["1", 0] }],
      3: ["SamplerCustomAdvanced", { sigmas: ["2", 0] }],
      4: ["KSamplerSelect", { sampler_name: "euler" }],
    }),
  ).toEqual({ 3: 30 });
});

test("leaves out what it can't tell: dangling links, circles, parts that are empty", () => {
  expect(
    stepsOf({
      1: ["KSampler", { steps: ["gone", 0] }],
      2: ["SamplerCustom", { sigmas: ["3", 0] }],
      3: ["FlipSigmas", { sigmas: ["3", 0] }],
      4: ["KSamplerAdvanced", { steps: 4, start_at_step: 4, end_at_step: 10_000 }],
    }),
  ).toEqual({});
});
