import type { Workflow } from "../workflow.ts";
import { type ScannedLatent, scanWorkflow, type WorkflowScan, type WorkKind } from "./scan-workflow.ts";

/** How work of one kind is priced: relative to the request that its benchmark runs. */
interface Price {
  /** The benchmark's own workload, as Vast's workers have it: https://github.com/vast-ai/vast-cli/tree/master/examples/server */
  workload: number;
  /** What the benchmark makes: the size of what a workflow says nothing of. */
  latent: ScannedLatent;
  steps: number;
  /** How long the benchmark takes on an RTX 4090. */
  seconds: number;
  /** What one pass through the model costs, in a unit of its own. */
  passCost(latent: ScannedLatent): number;
}

const nothing = { width: undefined, height: undefined, frames: undefined, seconds: undefined, batch: 1 };

const prices: Record<WorkKind, Price> = {
  image: {
    workload: 100,
    latent: { ...nothing, kind: "image", width: 512, height: 512 },
    steps: 20,
    // 43 steps a second with Stable Diffusion 1.5, as the README of Vast's ComfyUI worker has it.
    seconds: 20 / 43,
    passCost: (latent) => sizeOf(latent, "width") * sizeOf(latent, "height"),
  },
  video: {
    workload: 10_000,
    latent: { ...nothing, kind: "video", width: 640, height: 640, frames: 81 },
    steps: 20,
    // Wan 2.2 14B in fp8, measured by others on a 4090D, once it was loaded.
    seconds: 513,
    passCost: videoPassCost,
  },
  audio: {
    workload: 1000,
    latent: { ...nothing, kind: "audio", seconds: 180 },
    steps: 65,
    // ACE-Step's own figure: 60 steps make sound 15.6 times as fast as it plays.
    seconds: (180 / 15.6) * (65 / 60),
    // Its attention is linear, so that twice the sound is twice the work.
    passCost: (latent) => sizeOf(latent, "seconds"),
  },
};

/** Wan 2.2 14B: https://github.com/Wan-Video/Wan2.2/blob/main/wan/configs/wan_t2v_A14B.py */
const modelWidth = 5120;
const feedForwardWidth = 13_824;
/**
 * So many tokens make a layer's attention as dear as the rest of it. For each token the rest is six products with a
 * square of the model's width (four in self-attention, two in cross-attention) and two with the feed-forward network;
 * attention is two products with all tokens: (6·w² + 2·w·f) / 2·w.
 */
const tokensOfEvenAttention = 3 * modelWidth + feedForwardWidth;

/** The autoencoder makes one of eight pixels each way, the model two of those. Of time, the first frame and then one of four. */
const pixelsOfToken = 16;
const framesOfToken = 4;

const passesOfBenchmark = 2;
/** Whatever a job is, ComfyUI takes it, decodes and saves. */
const leastShare = 0.01;
/** Far beyond what a GPU does in a day: one absurd request must not make a worker look busy for ever. */
const mostShare = 1000;

/** Units of 100 for 512 x 512 pixels in 20 steps. */
export const imageWorkload = (scan: WorkflowScan): number => workloadOf(scan, "image");

/** Units of 10,000 for Wan's 640 x 640 pixels x 81 frames in 20 steps. */
export const videoWorkload = (scan: WorkflowScan): number => workloadOf(scan, "video");

/** Units of 1000 for 180 seconds of sound in 65 steps. */
export const audioWorkload = (scan: WorkflowScan): number => workloadOf(scan, "audio");

export interface WorkloadUnit {
  /** What the endpoint is for, and in whose units all its workloads are. */
  kind: WorkKind;
  /** The workload of a workflow that tells nothing. */
  fallback: number;
}

/**
 * The workload of any workflow, by the nodes that say how much it makes.
 *
 * An endpoint counts in one unit, that of what it is for, since its throughput is measured with one benchmark. Vast's
 * constants are no common scale: at the speed at which a 4090 does 100 units of images, it does not do 10,000 of video
 * in 46 seconds but in some 500. So work of another kind is converted by the time that both benchmarks take on that
 * GPU. A video in an endpoint for images costs as much as the images that could be made meanwhile, and the wait that
 * the engine expects is about right. It is exact to a factor of perhaps two: what model runs isn't known here.
 */
export function workflowWorkload(workflow: Workflow, { kind, fallback }: WorkloadUnit): number {
  const scan = scanWorkflow(workflow);
  if (scan.latents.length === 0 && scan.samplings.length === 0) {
    return fallback;
  }
  const made = kindOf(scan) ?? kind;
  return workloadOf(scan, made) * (unitsPerSecond(kind) / unitsPerSecond(made));
}

/** The dearest that it makes: a video's soundtrack, or the still that it begins with, are the small part of it. */
const kindOf = ({ latents }: WorkflowScan): WorkKind | undefined =>
  (["video", "image", "audio"] as const).find((kind) => latents.some((latent) => latent.kind === kind));

const unitsPerSecond = (kind: WorkKind): number => prices[kind].workload / prices[kind].seconds;

function workloadOf({ latents, samplings }: WorkflowScan, kind: WorkKind): number {
  const { latent: usual, passCost, steps: usualSteps, workload } = prices[kind];
  const usualCost = passCost(usual);
  // Which sampler works on which latent isn't followed: each is taken to work on the largest.
  const costs = latents.filter((latent) => latent.kind === kind).map((latent) => passCost(latent) * batchOf(latent));
  const cost = costs.length === 0 ? usualCost : costs.reduce((most, next) => Math.max(most, next));
  const usualPasses = usualSteps * passesOfBenchmark;
  const passes = samplings.reduce((sum, { steps, passes }) => sum + (steps ?? usualSteps) * passes, 0);
  const share = (cost / usualCost) * (samplings.length === 0 ? 1 : passes / usualPasses);
  return workload * Math.min(mostShare, Math.max(leastShare, share));
}

function videoPassCost(latent: ScannedLatent): number {
  const area = (sizeOf(latent, "width") / pixelsOfToken) * (sizeOf(latent, "height") / pixelsOfToken);
  const tokens = (Math.floor((sizeOf(latent, "frames") - 1) / framesOfToken) + 1) * area;
  return tokens * (1 + tokens / tokensOfEvenAttention);
}

const sizeOf = (latent: ScannedLatent, name: "width" | "height" | "frames" | "seconds"): number =>
  latent[name] ?? prices[latent.kind].latent[name] ?? 0;

const batchOf = ({ batch = 1 }: ScannedLatent): number => Math.max(1, batch);
