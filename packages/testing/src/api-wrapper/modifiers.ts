import type { Fields } from "../server/read-body.ts";

type Graph = Record<string, { class_type: string; inputs: Fields }>;

const checkpoint = "v1-5-pruned-emaonly-fp16.safetensors";

/** The workflow that a modifier stands for. Throws where there is no such modifier. */
export function applyModifier(name: string, modifications: Fields, randomSeed: () => number): Graph {
  const build = modifiers[name];
  if (build === undefined) {
    throw new Error(`Unknown modifier: ${name}`);
  }
  return build({ seed: randomSeed(), scheduler: "normal", steps: 20, ckpt_name: checkpoint, ...modifications });
}

const modifiers: Readonly<Record<string, (values: Fields) => Graph>> = {
  Text2Image: (values) => ({
    ...sampling({ sampler_name: "euler", denoise: 1, ...values }, "4"),
    "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: values.ckpt_name } },
    "5": {
      class_type: "EmptyLatentImage",
      inputs: { width: values.width ?? 512, height: values.height ?? 512, batch_size: 1 },
    },
  }),
  Image2Image: (values) => ({
    ...sampling({ sampler_name: "dpmpp_2m", denoise: 0.87, ...values }, "14"),
    "5": { class_type: "VAEEncode", inputs: { pixels: ["10", 0], vae: ["14", 2] } },
    "10": { class_type: "LoadImage", inputs: { image: values.input_image ?? "" } },
    "14": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: values.ckpt_name } },
  }),
};

/** All but the loader and the latent image, which is node 5. */
const sampling = (values: Fields, loader: string): Graph => ({
  "3": {
    class_type: "KSampler",
    inputs: {
      seed: values.seed,
      steps: values.steps,
      cfg: 8,
      sampler_name: values.sampler_name,
      scheduler: values.scheduler,
      denoise: values.denoise,
      model: [loader, 0],
      positive: ["6", 0],
      negative: ["7", 0],
      latent_image: ["5", 0],
    },
  },
  "6": { class_type: "CLIPTextEncode", inputs: { text: values.prompt ?? "", clip: [loader, 1] } },
  "7": { class_type: "CLIPTextEncode", inputs: { text: values.negative_prompt ?? "", clip: [loader, 1] } },
  "8": { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: [loader, 2] } },
  "9": { class_type: "SaveImage", inputs: { filename_prefix: "image", images: ["8", 0] } },
});
