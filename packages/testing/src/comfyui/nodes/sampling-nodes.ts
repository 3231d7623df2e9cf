import { choice, float, int, integerOf, link, type NodeClass, seed, text } from "./node-class.ts";

const samplers = [
  "euler",
  "euler_ancestral",
  "heun",
  "dpm_2",
  "lms",
  "dpmpp_2s_ancestral",
  "dpmpp_sde",
  "dpmpp_2m",
  "dpmpp_2m_sde",
  "dpmpp_3m_sde",
  "ddim",
  "lcm",
  "uni_pc",
  "er_sde",
  "res_multistep",
];
const schedulers = [
  "simple",
  "sgm_uniform",
  "karras",
  "exponential",
  "ddim_uniform",
  "beta",
  "normal",
  "linear_quadratic",
];
const largestSide = 16_384;
const steps = () => int({ from: 1, to: 10_000, initial: 20 });
const cfg = () => float({ from: 0, to: 100, initial: 8, step: 0.1 });
const denoise = () => float({ from: 0, to: 1, initial: 1 });
const side = (initial: number, step = 8) => int({ from: 16, to: largestSide, initial, step });
const batch = () => int({ from: 1, to: 4096, initial: 1 });
const conditioned = { positive: link("CONDITIONING"), negative: link("CONDITIONING"), latent_image: link("LATENT") };

/** What samples, and what it samples with. */
export const samplingNodes: Readonly<Record<string, NodeClass>> = {
  CLIPTextEncode: {
    category: "conditioning",
    required: { text: text("", { multiline: true }), clip: link("CLIP") },
    outputs: ["CONDITIONING"],
  },
  ConditioningZeroOut: {
    category: "advanced/conditioning",
    required: { conditioning: link("CONDITIONING") },
    outputs: ["CONDITIONING"],
  },
  EmptyLatentImage: {
    category: "latent",
    required: { width: side(512), height: side(512), batch_size: batch() },
    outputs: ["LATENT"],
  },
  EmptyHunyuanLatentVideo: {
    category: "latent/video",
    required: {
      width: side(848, 16),
      height: side(480, 16),
      length: int({ from: 1, to: largestSide, initial: 25, step: 4 }),
      batch_size: batch(),
    },
    outputs: ["LATENT"],
    run: ({ inputs, media }) => ({
      media: { ...media, frames: 4 * Math.floor((integerOf(inputs.length) - 1) / 4) + 1 },
    }),
  },
  KSampler: {
    category: "sampling",
    required: {
      model: link("MODEL"),
      seed: seed(),
      steps: steps(),
      cfg: cfg(),
      sampler_name: choice(samplers),
      scheduler: choice(schedulers),
      ...conditioned,
      denoise: denoise(),
    },
    outputs: ["LATENT"],
    steps: (inputs) => integerOf(inputs.steps),
  },
  KSamplerAdvanced: {
    category: "sampling",
    required: {
      model: link("MODEL"),
      add_noise: choice(["enable", "disable"]),
      noise_seed: seed(),
      steps: steps(),
      cfg: cfg(),
      sampler_name: choice(samplers),
      scheduler: choice(schedulers),
      ...conditioned,
      start_at_step: int({ from: 0, to: 10_000 }),
      end_at_step: int({ from: 0, to: 10_000, initial: 10_000 }),
      return_with_leftover_noise: choice(["disable", "enable"]),
    },
    outputs: ["LATENT"],
    steps: (inputs) =>
      Math.max(0, Math.min(integerOf(inputs.steps), integerOf(inputs.end_at_step)) - integerOf(inputs.start_at_step)),
  },
  ModelSamplingSD3: {
    category: "advanced/model",
    required: { model: link("MODEL"), shift: float({ from: 0, to: 100, initial: 3 }) },
    outputs: ["MODEL"],
  },
  VAEDecode: {
    category: "latent",
    required: { samples: link("LATENT"), vae: link("VAE") },
    outputs: ["IMAGE"],
  },
  VAEEncode: {
    category: "latent",
    required: { pixels: link("IMAGE"), vae: link("VAE") },
    outputs: ["LATENT"],
  },
  TextEncodeAceStepAudio: {
    category: "conditioning",
    required: {
      clip: link("CLIP"),
      tags: text("", { multiline: true }),
      lyrics: text("", { multiline: true }),
      lyrics_strength: float({ from: 0, to: 10, initial: 1 }),
    },
    outputs: ["CONDITIONING"],
  },
  EmptyAceStepLatentAudio: {
    category: "latent/audio",
    required: { seconds: float({ from: 1, to: 1000, initial: 120, step: 0.1 }), batch_size: batch() },
    outputs: ["LATENT"],
  },
  LatentApplyOperationCFG: {
    category: "latent/advanced/operations",
    required: { model: link("MODEL"), operation: link("LATENT_OPERATION") },
    outputs: ["MODEL"],
  },
  LatentOperationTonemapReinhard: {
    category: "latent/advanced/operations",
    required: { multiplier: float({ from: 0, to: 100, initial: 1 }) },
    outputs: ["LATENT_OPERATION"],
  },
  VAEDecodeAudio: {
    category: "latent/audio",
    required: { samples: link("LATENT"), vae: link("VAE") },
    outputs: ["AUDIO"],
  },
};
