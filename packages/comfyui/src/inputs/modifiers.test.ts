import { describe, expect, test } from "@jest/globals";
import { parseJson, stringifyJson } from "@pyworker/core";
import { JobError } from "../jobs/job-error.ts";
import { checkWorkflow } from "./check-workflow.ts";
import { buildModifier } from "./modifiers.ts";

const refusal = (name: string, modifications: Record<string, unknown>): unknown => {
  try {
    return buildModifier(name, modifications);
  } catch (error) {
    return error instanceof JobError ? error.fault : error;
  }
};

/** What a modifier makes of it, node by node, without the links. */
function settingsOf(name: string, modifications: Record<string, unknown>) {
  const workflow = buildModifier(name, modifications);
  return Object.fromEntries(
    Object.values(workflow).flatMap(({ inputs }) =>
      Object.entries(inputs).filter(([, value]) => !Array.isArray(value)),
    ),
  );
}

const samplerDefaults = {
  ...{ seed: "__RANDOM_INT__", steps: 20, cfg: 8, scheduler: "normal" },
  ckpt_name: "v1-5-pruned-emaonly-fp16.safetensors",
  text: "",
  filename_prefix: "image",
};

describe("modifiers", () => {
  test("Text2Image has the API wrapper's defaults", () => {
    expect(settingsOf("Text2Image", {})).toEqual({
      ...samplerDefaults,
      ...{ sampler_name: "euler", denoise: 1, width: 512, height: 512, batch_size: 1 },
    });
  });

  test("Image2Image has the API wrapper's defaults, and needs a picture", () => {
    expect(settingsOf("Image2Image", { input_image: "a.png" })).toEqual({
      ...samplerDefaults,
      ...{ sampler_name: "dpmpp_2m", denoise: 0.87, image: "a.png" },
    });
    expect(refusal("Image2Image", {})).toMatchObject({
      type: "invalid_input",
      message: expect.stringContaining("modifications.input_image: expected a URL"),
    });
  });

  test.each([
    ["Text2Image", {}],
    ["Image2Image", { input_image: "https://example.com/a.png" }],
  ])("%s is a workflow whose links all lead to nodes that it has", (name, modifications) => {
    const workflow = buildModifier(name, modifications);
    expect(checkWorkflow(workflow)).toEqual({ workflow });
    const links = Object.values(workflow).flatMap(({ inputs }) => Object.values(inputs).filter(Array.isArray));
    expect(links.length).toBeGreaterThan(8);
    expect(links.filter(([id]) => !Object.hasOwn(workflow, String(id)))).toEqual([]);
  });

  test("take what a client says", () => {
    const given = { steps: 4, cfg: 1.5, width: 768, height: 1024, sampler_name: "ddim", ckpt_name: "x.safetensors" };
    expect(settingsOf("Text2Image", { ...given, denoise: 0.5, seed: 7 })).toMatchObject({
      ...given,
      denoise: 0.5,
      seed: 7,
    });
    const prompted = buildModifier("Text2Image", { prompt: "a cat", negative_prompt: "a dog" });
    expect([prompted["6"]?.inputs.text, prompted["7"]?.inputs.text]).toEqual(["a cat", "a dog"]);
    expect(prompted["3"]?.inputs).toMatchObject({ positive: ["6", 0], negative: ["7", 0] });
  });

  test("take null and an empty string for their defaults", () => {
    expect(settingsOf("Text2Image", { steps: null, ckpt_name: "", seed: "" })).toMatchObject({
      steps: 20,
      ckpt_name: samplerDefaults.ckpt_name,
      seed: "__RANDOM_INT__",
    });
  });

  test("keep every digit of a seed of 64 bits", () => {
    const modifications = parseJson('{"seed": 18446744073709551615}');
    const workflow = buildModifier("Text2Image", { ...Object(modifications) });
    expect(stringifyJson(workflow["3"]?.inputs.seed)).toBe("18446744073709551615");
  });

  test.each([
    ["seed", -1],
    ["seed", 1.5],
    ["seed", 2n ** 64n],
    ["seed", "seven"],
    ["steps", 0],
    ["steps", 10_001],
    ["steps", "20"],
    ["width", 8],
    ["height", 16_385],
    ["denoise", 1.1],
    ["cfg", 101],
    ["prompt", 7],
  ])("refuse %s: %p by its name", (field, value) => {
    expect(refusal("Text2Image", { [field]: value })).toMatchObject({
      type: "invalid_input",
      message: expect.stringContaining(`modifications.${field}: `),
    });
  });

  test("name all that is wrong", () => {
    expect(refusal("Text2Image", { steps: 0, width: 1 })).toMatchObject({
      message: expect.stringMatching(/modifications\.steps: .*; modifications\.width: /),
    });
  });

  test("say which there are when one is unknown", () => {
    expect(refusal("Text2Video", {})).toEqual({
      type: "invalid_input",
      message: "Unknown modifier: Text2Video. There are Text2Image, Image2Image",
    });
  });
});
