import type { Workflow } from "./workflows.ts";

interface Piece {
  tags: string;
  lyrics?: string;
  seed: number;
  seconds?: number;
  steps?: number;
}

/** ACE-Step v1 as Vast's image ships it, by the ids of its nodes. */
export const aceWorkflow = ({ tags, lyrics = "", seed, seconds = 180, steps = 65 }: Piece): Workflow => ({
  "14": node("TextEncodeAceStepAudio", { tags, lyrics, lyrics_strength: 0.99, clip: ["40", 1] }),
  "17": node("EmptyAceStepLatentAudio", { seconds, batch_size: 1 }),
  "18": node("VAEDecodeAudio", { samples: ["52", 0], vae: ["40", 2] }),
  "40": node("CheckpointLoaderSimple", { ckpt_name: "ace_step_v1_3.5b.safetensors" }),
  "44": node("ConditioningZeroOut", { conditioning: ["14", 0] }),
  "49": node("LatentApplyOperationCFG", { model: ["51", 0], operation: ["50", 0] }),
  "50": node("LatentOperationTonemapReinhard", { multiplier: 1.15 }),
  "51": node("ModelSamplingSD3", { shift: 6, model: ["40", 0] }),
  "52": node("KSampler", {
    ...{ seed, steps, cfg: 4, sampler_name: "er_sde", scheduler: "linear_quadratic", denoise: 1 },
    ...{ model: ["49", 0], positive: ["14", 0], negative: ["44", 0], latent_image: ["17", 0] },
  }),
  "59": node("SaveAudioMP3", { audio: ["18", 0], filename_prefix: "audio/ComfyUI", quality: "V0" }),
});

/** The same for ACE-Step 1.5, which has nodes of its own. */
export const newerAceWorkflow = ({ tags, lyrics = "", seed, seconds = 180, steps = 65 }: Piece): Workflow => ({
  ...aceWorkflow({ tags, lyrics, seed, seconds, steps }),
  "14": node("TextEncodeAceStepAudio1.5", { tags, lyrics, duration: seconds, clip: ["40", 1] }),
  "17": node("EmptyAceStep1.5LatentAudio", { seconds, batch_size: 1 }),
});

const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });
