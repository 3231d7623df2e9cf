import type { Workflow, WorkflowNode } from "@pyworker/comfyui";
import type { AceRequest } from "./ace-request.ts";

const variantSettings = {
  "65-step": { sampler: "er_sde", scheduler: "linear_quadratic", shift: 6, multiplier: 1.15 },
  "50-step": { sampler: "euler", scheduler: "simple", shift: 5, multiplier: 1 },
} as const;

/**
 * The workflow of ACE-Step v1, text to music, for one request. Nodes have the ids that they have in Vast's workflow, so
 * that what overrides one there overrides it here.
 */
export function buildAceWorkflow(request: AceRequest): Workflow {
  const { cfg, lyrics, lyricsStrength, seconds, seed, steps, tags, variant } = request;
  const { multiplier, sampler, scheduler, shift } = variantSettings[variant];
  return {
    14: node(
      "TextEncodeAceStepAudio",
      { tags, lyrics, lyrics_strength: lyricsStrength, clip: ["40", 1] },
      "Tags and lyrics",
    ),
    17: node("EmptyAceStepLatentAudio", { seconds, batch_size: 1 }),
    18: node("VAEDecodeAudio", { samples: ["52", 0], vae: ["40", 2] }),
    40: node("CheckpointLoaderSimple", { ckpt_name: "ace_step_v1_3.5b.safetensors" }),
    44: node("ConditioningZeroOut", { conditioning: ["14", 0] }),
    49: node("LatentApplyOperationCFG", { model: ["51", 0], operation: ["50", 0] }),
    50: node("LatentOperationTonemapReinhard", { multiplier }),
    51: node("ModelSamplingSD3", { shift, model: ["40", 0] }),
    52: node("KSampler", {
      seed,
      steps,
      cfg,
      sampler_name: sampler,
      scheduler,
      denoise: 1,
      model: ["49", 0],
      positive: ["14", 0],
      negative: ["44", 0],
      latent_image: ["17", 0],
    }),
    59: node("SaveAudioMP3", { audio: ["18", 0], filename_prefix: "audio/ComfyUI", quality: "V0" }),
  };
}

const node = (classType: string, inputs: WorkflowNode["inputs"], title?: string): WorkflowNode => ({
  class_type: classType,
  inputs,
  ...(title === undefined ? {} : { _meta: { title } }),
});
