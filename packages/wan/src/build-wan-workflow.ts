import type { Workflow, WorkflowNode } from "@pyworker/comfyui";
import type { WanRequest } from "./wan-request.ts";

type Link = [id: string, output: number];

interface Lora {
  file: string;
  strength: number;
}

const modelFiles = {
  high: "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
  low: "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
  textEncoder: "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
  autoencoder: "wan_2.1_vae.safetensors",
  highFourSteps: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
  lowFourSteps: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
} as const;

/** Where the ids of nodes for LoRAs begin: beyond those of all others. */
const firstLoraId = { high: 200, low: 300 };

/**
 * The workflow of Wan 2.2 14B, text to video, for one request. Nodes have the ids that they have in Vast's workflow, so
 * that what overrides one there overrides it here.
 */
export function buildWanWorkflow(request: WanRequest): Workflow {
  const { cfg, fps, frames, height, negativePrompt, prompt, seed, steps, variant, width } = request;
  const isFast = variant === "4-step";
  const shift = isFast ? 5 : 8;
  const high = chainLoras(lorasOf(request, "high"), { from: ["101", 0], firstId: firstLoraId.high });
  const low = chainLoras(lorasOf(request, "low"), { from: ["102", 0], firstId: firstLoraId.low });
  const half = Math.ceil(steps / 2);
  const sampling = { steps, cfg, sampler_name: "euler", scheduler: "simple", positive: ["99", 0], negative: ["91", 0] };
  return {
    90: node("CLIPLoader", { clip_name: modelFiles.textEncoder, type: "wan", device: "default" }),
    91: node("CLIPTextEncode", { text: negativePrompt, clip: ["90", 0] }, "Negative prompt"),
    92: node("VAELoader", { vae_name: modelFiles.autoencoder }),
    93: node("ModelSamplingSD3", { shift, model: high.model }),
    94: node("ModelSamplingSD3", { shift, model: low.model }),
    95: node(
      "KSamplerAdvanced",
      {
        ...sampling,
        model: ["94", 0],
        latent_image: ["96", 0],
        add_noise: "disable",
        noise_seed: 0,
        start_at_step: half,
        end_at_step: 10_000,
        return_with_leftover_noise: "disable",
      },
      "Low noise",
    ),
    96: node(
      "KSamplerAdvanced",
      {
        ...sampling,
        model: ["93", 0],
        latent_image: ["104", 0],
        add_noise: "enable",
        noise_seed: seed,
        start_at_step: 0,
        end_at_step: half,
        return_with_leftover_noise: "enable",
      },
      "High noise",
    ),
    97: node("VAEDecode", { samples: ["95", 0], vae: ["92", 0] }),
    98: node("SaveVideo", { video: ["100", 0], filename_prefix: "video/ComfyUI", format: "auto", codec: "auto" }),
    99: node("CLIPTextEncode", { text: prompt, clip: ["90", 0] }, "Prompt"),
    100: node("CreateVideo", { images: ["97", 0], fps }),
    101: node("UNETLoader", { unet_name: modelFiles.high, weight_dtype: "default" }),
    102: node("UNETLoader", { unet_name: modelFiles.low, weight_dtype: "default" }),
    104: node("EmptyHunyuanLatentVideo", { width, height, length: frames, batch_size: 1 }),
    ...high.nodes,
    ...low.nodes,
  };
}

/** Those of one of the two models, in the order in which they are applied. */
function lorasOf({ loras, variant }: WanRequest, half: "high" | "low"): Lora[] {
  const own = loras.flatMap(({ [half]: file, strength }) => (file === undefined ? [] : [{ file, strength }]));
  const fast = half === "high" ? modelFiles.highFourSteps : modelFiles.lowFourSteps;
  return variant === "4-step" ? [{ file: fast, strength: 1 }, ...own] : own;
}

/** A node for each, one after the other; `model` is what the last one puts out. */
function chainLoras(loras: readonly Lora[], { firstId, from }: { from: Link; firstId: number }) {
  const nodes: Workflow = {};
  let model = from;
  for (const [index, { file, strength }] of loras.entries()) {
    const id = String(firstId + index);
    nodes[id] = node("LoraLoaderModelOnly", { model, lora_name: file, strength_model: strength });
    model = [id, 0];
  }
  return { model, nodes };
}

const node = (classType: string, inputs: WorkflowNode["inputs"], title?: string): WorkflowNode => ({
  class_type: classType,
  inputs,
  ...(title === undefined ? {} : { _meta: { title } }),
});
