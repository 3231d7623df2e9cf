import { describe, expect, test } from "@jest/globals";
import { stringifyJson } from "@pyworker/core";
import { buildWanWorkflow } from "./build-wan-workflow.ts";
import { createWanSchema } from "./wan-request.ts";
import { wanWorkload } from "./wan-workload.ts";

const build = (fields: Record<string, unknown> = {}) =>
  buildWanWorkflow(createWanSchema().parse({ prompt: "a lake", ...fields }));

test("has Vast's nodes under Vast's ids", () => {
  const classes = Object.entries(build()).map(([id, { class_type: classType }]) => `${id} ${classType}`);
  expect(classes).toEqual([
    "90 CLIPLoader",
    "91 CLIPTextEncode",
    "92 VAELoader",
    "93 ModelSamplingSD3",
    "94 ModelSamplingSD3",
    "95 KSamplerAdvanced",
    "96 KSamplerAdvanced",
    "97 VAEDecode",
    "98 SaveVideo",
    "99 CLIPTextEncode",
    "100 CreateVideo",
    "101 UNETLoader",
    "102 UNETLoader",
    "104 EmptyHunyuanLatentVideo",
  ]);
});

test("puts every field where it belongs", () => {
  const workflow = build({
    negative_prompt: "dull",
    width: 832,
    height: 480,
    frames: 49,
    fps: 24,
    steps: 30,
    cfg: 4,
    seed: 7,
  });
  expect(workflow).toMatchObject({
    91: { inputs: { text: "dull" } },
    93: { inputs: { shift: 8, model: ["101", 0] } },
    94: { inputs: { shift: 8, model: ["102", 0] } },
    95: {
      inputs: { model: ["94", 0], latent_image: ["96", 0], steps: 30, cfg: 4, start_at_step: 15, add_noise: "disable" },
    },
    96: { inputs: { model: ["93", 0], noise_seed: 7, steps: 30, cfg: 4, start_at_step: 0, end_at_step: 15 } },
    99: { inputs: { text: "a lake" } },
    100: { inputs: { fps: 24 } },
    104: { inputs: { width: 832, height: 480, length: 49, batch_size: 1 } },
  });
});

test("keeps a seed of 64 bits exact on the wire", () => {
  expect(stringifyJson(build({ seed: "18446744073709551615" }))).toContain('"noise_seed":18446744073709551615');
});

test("takes few steps with the LoRAs made for that", () => {
  expect(build({ variant: "4-step" })).toMatchObject({
    93: { inputs: { shift: 5, model: ["200", 0] } },
    94: { inputs: { shift: 5, model: ["300", 0] } },
    95: { inputs: { steps: 4, cfg: 1, start_at_step: 2, end_at_step: 10_000 } },
    96: { inputs: { steps: 4, cfg: 1, start_at_step: 0, end_at_step: 2 } },
    200: {
      class_type: "LoraLoaderModelOnly",
      inputs: {
        model: ["101", 0],
        lora_name: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
        strength_model: 1,
      },
    },
    300: {
      inputs: { model: ["102", 0], lora_name: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors" },
    },
  });
});

test("chains LoRAs, each on the models it is for", () => {
  const workflow = build({ variant: "4-step", loras: [{ name: "both" }, { high: "one", strength: 0.4 }] });
  expect(workflow).toMatchObject({
    93: { inputs: { model: ["202", 0] } },
    94: { inputs: { model: ["301", 0] } },
    201: { inputs: { model: ["200", 0], lora_name: "both", strength_model: 1 } },
    202: { inputs: { model: ["201", 0], lora_name: "one", strength_model: 0.4 } },
    301: { inputs: { model: ["300", 0], lora_name: "both" } },
  });
  expect(workflow).not.toHaveProperty("302");
});

test.each([[{}], [{ variant: "4-step" }], [{ variant: "4-step", loras: [{ name: "a" }, { low: "b" }] }]])(
  "links to nodes that are there: %j",
  (fields) => {
    const workflow = build(fields);
    const links = Object.values(workflow).flatMap(({ inputs }) => Object.values(inputs).filter(Array.isArray));
    expect(links.length).toBeGreaterThan(14);
    expect(links.filter(([id]) => !Object.hasOwn(workflow, id))).toEqual([]);
  },
);

test("shares an odd number of steps between the models", () => {
  const workflow = build({ steps: 5 });
  expect(workflow["96"]?.inputs.end_at_step).toBe(3);
  expect(workflow["95"]?.inputs.start_at_step).toBe(3);
});

describe("its workload", () => {
  test.each([
    [{}, 10_000],
    [{ variant: "4-step" }, 1000],
    [{ steps: 40 }, 20_000],
    [{ steps: 5 }, 2500],
    [{ width: 1280, height: 704, frames: 121 }, 71_500],
  ])("follows what %j makes", (fields, expected) => {
    const workload = wanWorkload(build(fields));
    expect(Math.abs(workload - expected) / expected).toBeLessThan(0.001);
  });

  test("is exactly Vast's where the request is, and where the workflow says nothing", () => {
    expect(wanWorkload(build())).toBe(10_000);
    expect(wanWorkload({})).toBe(10_000);
  });
});
