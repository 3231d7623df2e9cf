import { sizeOfPng } from "../../media/solid-png.ts";
import {
  choice,
  combo,
  float,
  link,
  type NodeCall,
  type NodeClass,
  NodeFailure,
  type NodeOutcome,
} from "./node-class.ts";

export const checkpoints = [
  "ace_step_v1_3.5b.safetensors",
  "sd_xl_base_1.0.safetensors",
  "v1-5-pruned-emaonly-fp16.safetensors",
];
export const diffusionModels = [
  "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
  "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
];
export const loras = [
  "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
  "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
];
export const textEncoders = ["umt5_xxl_fp8_e4m3fn_scaled.safetensors"];
export const vaes = ["wan_2.1_vae.safetensors"];

const devices = { device: choice(["default", "cpu"], { advanced: true }) };
const upload = { image_upload: true };

/** What reads models and files. */
export const loadingNodes: Readonly<Record<string, NodeClass>> = {
  CheckpointLoaderSimple: {
    category: "loaders",
    required: { ckpt_name: choice(checkpoints) },
    outputs: ["MODEL", "CLIP", "VAE"],
  },
  UNETLoader: {
    category: "advanced/loaders",
    required: {
      unet_name: choice(diffusionModels),
      weight_dtype: choice(["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"]),
    },
    outputs: ["MODEL"],
  },
  CLIPLoader: {
    category: "advanced/loaders",
    required: {
      clip_name: choice(textEncoders),
      type: choice(["stable_diffusion", "sd3", "stable_audio", "lumina2", "wan", "hidream", "ace", "qwen_image"]),
    },
    optional: devices,
    outputs: ["CLIP"],
  },
  VAELoader: { category: "loaders", required: { vae_name: choice(vaes) }, outputs: ["VAE"] },
  LoraLoaderModelOnly: {
    category: "loaders",
    required: {
      model: link("MODEL"),
      lora_name: choice(loras),
      strength_model: float({ from: -100, to: 100, initial: 1 }),
    },
    outputs: ["MODEL"],
  },
  LoadImage: {
    category: "image",
    required: { image: choice([], upload) },
    outputs: ["IMAGE", "MASK"],
    fileInput: { name: "image", kind: "image" },
    run: loadImage,
  },
  LoadAudio: {
    category: "audio",
    required: { audio: choice([], { audio_upload: true }) },
    outputs: ["AUDIO"],
    fileInput: { name: "audio", kind: "audio" },
  },
  LoadVideo: {
    category: "image/video",
    required: { file: combo([]) },
    outputs: ["VIDEO"],
    fileInput: { name: "file", kind: "video" },
  },
};

/** A picture has the size that it says, and a colour of its content. */
async function loadImage({ files, inputs, media, signature }: NodeCall): Promise<NodeOutcome> {
  const bytes = await files.readInput(String(inputs.image));
  if (bytes === undefined) {
    throw new NodeFailure("PIL.UnidentifiedImageError", `cannot identify image file '${inputs.image}'`);
  }
  const { height, width } = sizeOfPng(bytes) ?? { width: 64, height: 64 };
  return { media: { ...media, width, height, color: Number.parseInt(signature.slice(0, 6), 16) } };
}
