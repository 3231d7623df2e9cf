import { z } from "zod";
import type { Workflow } from "../workflow.ts";
import { samplerFields, setting, side } from "./modification-fields.ts";

/** What `Text2Image` may be told. */
export const textToImageSchema = z.looseObject({
  ...samplerFields({ sampler: "euler", denoise: 1 }),
  width: setting(side, 512),
  height: setting(side, 512),
});

/** Stable Diffusion 1.5: a picture from a prompt. */
export function textToImage(settings: z.output<typeof textToImageSchema>): Workflow {
  const { cfg, ckpt_name, denoise, height, negative_prompt, prompt, sampler_name, scheduler, seed, steps, width } =
    settings;
  return {
    "3": {
      class_type: "KSampler",
      inputs: {
        ...{ seed, steps, cfg, sampler_name, scheduler, denoise },
        model: ["4", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
      },
    },
    "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name } },
    "5": { class_type: "EmptyLatentImage", inputs: { width, height, batch_size: 1 } },
    "6": { class_type: "CLIPTextEncode", inputs: { text: prompt, clip: ["4", 1] } },
    "7": { class_type: "CLIPTextEncode", inputs: { text: negative_prompt, clip: ["4", 1] } },
    "8": { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
    "9": { class_type: "SaveImage", inputs: { filename_prefix: "image", images: ["8", 0] } },
  };
}
