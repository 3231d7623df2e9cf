import { type ComfyuiServer, type ComfyuiServerOptions, startComfyuiServer } from "@pyworker/testing";
import { JobError } from "../jobs/job-error.ts";
import type { JobProgress } from "../jobs/progress.ts";
import type { JobFault } from "../jobs/result.ts";
import type { Workflow, WorkflowNode } from "../workflow.ts";
import { type ComfyHttp, createComfyHttp } from "./comfy-http.ts";
import type { RunLimits } from "./run-limits.ts";
import { type FinishedPrompt, type RunOptions, runPrompt } from "./run-prompt.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

/** Undoes what the functions below did, last first. */
export async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

export const onCleanUp = (undo: () => Promise<unknown>): unknown => cleanUps.push(undo);

export interface Comfyui {
  server: ComfyuiServer;
  comfy: ComfyHttp;
}

/** Starts a stand-in for ComfyUI, and what speaks to it. */
export async function start(options: ComfyuiServerOptions = {}): Promise<Comfyui> {
  const server = await startComfyuiServer(options);
  cleanUps.push(server.stop);
  const comfy = createComfyHttp(server.url);
  cleanUps.push(comfy.stop);
  return { server, comfy };
}

/** As patient as a test needs. */
const quick: Partial<RunLimits> = { poll: 50, reconnect: 10, retry: 10, gone: 60 };

export interface Running {
  finished: Promise<FinishedPrompt>;
  progress: JobProgress[];
  abort(reason?: unknown): void;
}

export function run({ comfy }: Comfyui, workflow: Workflow, options: Partial<RunOptions> = {}): Running {
  const controller = new AbortController();
  const progress: JobProgress[] = [];
  const finished = runPrompt({
    comfy,
    workflow,
    signal: controller.signal,
    onProgress: (report) => progress.push(report),
    ...options,
    limits: { ...quick, ...options.limits },
  });
  // Whoever looks at it later still sees the rejection.
  finished.catch(() => {});
  return { finished, progress, abort: (reason) => controller.abort(reason) };
}

/** Why it failed. */
export async function faultOf({ finished }: Pick<Running, "finished">): Promise<JobFault> {
  const error = await finished.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof JobError) {
    return error.fault;
  }
  throw error;
}

export const node = (class_type: string, inputs: Record<string, unknown>, title?: string): WorkflowNode => ({
  class_type,
  inputs,
  ...(title === undefined ? {} : { _meta: { title } }),
});

let seed = 0;

/** No two are alike, or the second would come from the cache. */
const nextSeed = () => {
  seed += 1;
  return seed;
};

const emptyImage = () => node("EmptyImage", { width: 16, height: 16, batch_size: 1, color: nextSeed() });

export const imageWorkflow = (): Workflow => ({
  1: emptyImage(),
  2: node("SaveImage", { images: ["1", 0], filename_prefix: "image" }, "Keep it"),
});

/** Goes on for as many steps. */
export const slowWorkflow = (steps: number, inputs: Record<string, unknown> = {}): Workflow => ({
  1: node("StandInSlow", { steps, seed: nextSeed(), ...inputs }, "Take your time"),
  2: node("SaveImage", { images: ["1", 0], filename_prefix: "slow" }),
});

export const videoWorkflow = (): Workflow => ({
  1: emptyImage(),
  2: node("CreateVideo", { images: ["1", 0], fps: 16 }),
  3: node("SaveVideo", { video: ["2", 0], filename_prefix: "video/test", format: "auto", codec: "auto" }),
});

export const audioWorkflow = (): Workflow => ({
  1: node("EmptyAudio", { duration: nextSeed() / 1000 + 0.1, sample_rate: 8000, channels: 1 }),
  2: node("SaveAudioMP3", { audio: ["1", 0], filename_prefix: "audio/test", quality: "V0" }),
});

export const samplerWorkflow = (steps: number): Workflow => ({
  3: node(
    "KSampler",
    {
      ...{ model: ["4", 0], positive: ["6", 0], negative: ["7", 0], latent_image: ["5", 0] },
      ...{
        seed: 2n ** 64n - 1n - BigInt(nextSeed()),
        steps,
        cfg: 8,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
      },
    },
    "Sampler",
  ),
  4: node("CheckpointLoaderSimple", { ckpt_name: "v1-5-pruned-emaonly-fp16.safetensors" }),
  5: node("EmptyLatentImage", { width: 64, height: 64, batch_size: 1 }),
  6: node("CLIPTextEncode", { text: "a cat", clip: ["4", 1] }),
  7: node("CLIPTextEncode", { text: "", clip: ["4", 1] }),
  8: node("VAEDecode", { samples: ["3", 0], vae: ["4", 2] }),
  9: node("SaveImage", { images: ["8", 0], filename_prefix: "sampled" }),
});
