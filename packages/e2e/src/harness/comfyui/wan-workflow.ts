import type { Workflow } from "./workflows.ts";

interface Video {
  prompt: string;
  negativePrompt: string;
  seed: number;
  width?: number;
  height?: number;
  frames?: number;
  steps?: number;
}

/** Wan 2.2 text to video as Vast's image ships it, by the ids of its nodes. */
export const wanWorkflow = ({
  prompt,
  negativePrompt,
  seed,
  width = 640,
  height = 640,
  frames = 81,
  steps = 20,
}: Video): Workflow => ({
  "90": node("CLIPLoader", { clip_name: "umt5_xxl_fp8_e4m3fn_scaled.safetensors", type: "wan", device: "default" }),
  "91": node("CLIPTextEncode", { text: negativePrompt, clip: ["90", 0] }),
  "92": node("VAELoader", { vae_name: "wan_2.1_vae.safetensors" }),
  "93": node("ModelSamplingSD3", { shift: 8, model: ["101", 0] }),
  "94": node("ModelSamplingSD3", { shift: 8, model: ["102", 0] }),
  "95": node("KSamplerAdvanced", {
    ...sampling(steps),
    ...{ add_noise: "disable", noise_seed: 0, start_at_step: steps / 2, end_at_step: 10_000 },
    ...{ return_with_leftover_noise: "disable", model: ["94", 0], latent_image: ["96", 0] },
  }),
  "96": node("KSamplerAdvanced", {
    ...sampling(steps),
    ...{ add_noise: "enable", noise_seed: seed, start_at_step: 0, end_at_step: steps / 2 },
    ...{ return_with_leftover_noise: "enable", model: ["93", 0], latent_image: ["104", 0] },
  }),
  "97": node("VAEDecode", { samples: ["95", 0], vae: ["92", 0] }),
  "98": node("SaveVideo", { video: ["100", 0], filename_prefix: "video/ComfyUI", format: "auto", codec: "auto" }),
  "99": node("CLIPTextEncode", { text: prompt, clip: ["90", 0] }),
  "100": node("CreateVideo", { images: ["97", 0], fps: 16 }),
  "101": unet("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors"),
  "102": unet("wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors"),
  "104": node("EmptyHunyuanLatentVideo", { width, height, length: frames, batch_size: 1 }),
});

const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });

const unet = (file: string) => node("UNETLoader", { unet_name: file, weight_dtype: "default" });

const sampling = (steps: number) => ({
  ...{ steps, cfg: 3.5, sampler_name: "euler", scheduler: "simple" },
  ...{ positive: ["99", 0], negative: ["91", 0] },
});
