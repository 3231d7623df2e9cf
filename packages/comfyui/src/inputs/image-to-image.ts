import { z } from "zod";
import type { Workflow } from "../workflow.ts";
import { samplerFields } from "./modification-fields.ts";

const whatIsAPicture = "expected a URL, a data URI, the name of one of files, or of a file in ComfyUI's input folder";

/** What `Image2Image` may be told. */
export const imageToImageSchema = z.looseObject({
  ...samplerFields({ sampler: "dpmpp_2m", denoise: 0.87 }),
  input_image: z.string(whatIsAPicture).min(1, whatIsAPicture),
});

/** Stable Diffusion 1.5: a picture from a picture and a prompt. */
export function imageToImage(settings: z.output<typeof imageToImageSchema>): Workflow {
  const { cfg, ckpt_name, denoise, input_image, negative_prompt, prompt, sampler_name, scheduler, seed, steps } =
    settings;
  return {
    "3": {
      class_type: "KSampler",
      inputs: {
        ...{ seed, steps, cfg, sampler_name, scheduler, denoise },
        model: ["14", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["12", 0],
      },
    },
    "6": { class_type: "CLIPTextEncode", inputs: { text: prompt, clip: ["14", 1] } },
    "7": { class_type: "CLIPTextEncode", inputs: { text: negative_prompt, clip: ["14", 1] } },
    "8": { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["14", 2] } },
    "9": { class_type: "SaveImage", inputs: { filename_prefix: "image", images: ["8", 0] } },
    "10": { class_type: "LoadImage", inputs: { image: input_image } },
    "12": { class_type: "VAEEncode", inputs: { pixels: ["10", 0], vae: ["14", 2] } },
    "14": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name } },
  };
}
