import { describe, expect, test } from "@jest/globals";
import { stringifyJson } from "@pyworker/core";
import { createAceSchema } from "./ace-request.ts";
import { aceWorkload } from "./ace-workload.ts";
import { buildAceWorkflow } from "./build-ace-workflow.ts";

const build = (fields: Record<string, unknown> = {}) =>
  buildAceWorkflow(createAceSchema().parse({ tags: "folk", ...fields }));

test("has Vast's nodes under Vast's ids", () => {
  const classes = Object.entries(build()).map(([id, { class_type: classType }]) => `${id} ${classType}`);
  expect(classes).toEqual([
    "14 TextEncodeAceStepAudio",
    "17 EmptyAceStepLatentAudio",
    "18 VAEDecodeAudio",
    "40 CheckpointLoaderSimple",
    "44 ConditioningZeroOut",
    "49 LatentApplyOperationCFG",
    "50 LatentOperationTonemapReinhard",
    "51 ModelSamplingSD3",
    "52 KSampler",
    "59 SaveAudioMP3",
  ]);
});

test("puts every field where it belongs", () => {
  const workflow = build({ lyrics: "[verse]\nLa", lyrics_strength: 0.5, seconds: 30.5, steps: 27, cfg: 5, seed: 7 });
  expect(workflow).toMatchObject({
    14: { inputs: { tags: "folk", lyrics: "[verse]\nLa", lyrics_strength: 0.5 } },
    17: { inputs: { seconds: 30.5, batch_size: 1 } },
    52: { inputs: { seed: 7, steps: 27, cfg: 5 } },
  });
});

test.each([
  ["65-step", { shift: 6 }, { multiplier: 1.15 }, { sampler_name: "er_sde", scheduler: "linear_quadratic" }],
  ["50-step", { shift: 5 }, { multiplier: 1 }, { sampler_name: "euler", scheduler: "simple" }],
])("has the settings of the variant %s", (variant, shift, multiplier, sampler) => {
  expect(build({ variant })).toMatchObject({
    50: { inputs: multiplier },
    51: { inputs: shift },
    52: { inputs: sampler },
  });
});

test("links to nodes that are there", () => {
  const workflow = build();
  const links = Object.values(workflow).flatMap(({ inputs }) => Object.values(inputs).filter(Array.isArray));
  expect(links).toHaveLength(12);
  expect(links.filter(([id]) => !Object.hasOwn(workflow, id))).toEqual([]);
});

test("keeps a seed of 64 bits exact on the wire", () => {
  expect(stringifyJson(build({ seed: "18446744073709551615" }))).toContain('"seed":18446744073709551615');
});

describe("its workload", () => {
  test.each([
    [{ seconds: 90 }, 500],
    [{ variant: "50-step" }, (1000 * (120 / 180) * 50) / 65],
    [{ steps: 13 }, 200],
  ])("follows what %j makes", (fields, expected) => {
    expect(aceWorkload(build(fields))).toBeCloseTo(expected);
  });

  test("is exactly Vast's where the request is, and where the workflow says nothing", () => {
    expect(aceWorkload(build())).toBe(1000);
    expect(aceWorkload({})).toBe(1000);
  });
});
