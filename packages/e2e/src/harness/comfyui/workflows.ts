import { readFileSync } from "node:fs";

/** A workflow in API format. */
export type Workflow = Record<string, { class_type: string; inputs: Record<string, unknown>; _meta?: object }>;

/** The workflows that scenarios run. None needs a model, so that they run on any ComfyUI. */
const modelFree = {
  /** A picture of 64 x 64 pixels, saved as PNG. */
  image: (variation: number): Workflow => ({
    "1": emptyImage(variation),
    "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "scenario" } },
  }),
  /** A picture that was uploaded, or named by a URL, upside down in colour. */
  fromImage: (_variation: number, image: unknown): Workflow => ({
    "1": { class_type: "LoadImage", inputs: { image }, _meta: { title: "The picture" } },
    "2": { class_type: "ImageInvert", inputs: { image: ["1", 0] } },
    "3": { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "scenario" } },
  }),
  fromAudio: (_variation: number, audio: unknown): Workflow => ({
    "1": { class_type: "LoadAudio", inputs: { audio } },
    "2": { class_type: "SaveAudio", inputs: { audio: ["1", 0], filename_prefix: "scenario" } },
  }),
  /** An MP4, which ComfyUI lists among images, in a subfolder. */
  video: (variation: number): Workflow => ({
    "1": { class_type: "EmptyImage", inputs: { width: 64, height: 64, batch_size: 4, color: variation } },
    "2": { class_type: "CreateVideo", inputs: { images: ["1", 0], fps: 8 } },
    "3": {
      class_type: "SaveVideo",
      inputs: { video: ["2", 0], filename_prefix: "video/scenario", format: "auto", codec: "auto" },
    },
  }),
  audio: (variation: number): Workflow => ({
    "1": {
      class_type: "EmptyAudio",
      inputs: { duration: 1 + (variation % 1000) / 1000, sample_rate: 44_100, channels: 1 },
    },
    "2": {
      class_type: "SaveAudioMP3",
      inputs: { audio: ["1", 0], filename_prefix: "audio/scenario", quality: "128k" },
    },
  }),
  /** Nothing but a preview, which ComfyUI keeps in its folder for what is temporary. */
  preview: (variation: number): Workflow => ({
    "1": emptyImage(variation),
    "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  }),
  /** Takes some seconds, in many small parts. */
  slow: (variation: number): Workflow => slowChain(variation),
  /** Is taken, and fails while it runs: a text is no picture. */
  failing: (variation: number): Workflow => ({
    "1": { class_type: "SaveImage", inputs: { images: `no picture ${variation}`, filename_prefix: "scenario" } },
  }),
  /** Is refused: there is no such way of scaling. */
  invalid: (variation: number): Workflow => ({
    "1": emptyImage(variation),
    "2": {
      class_type: "ImageScale",
      inputs: { image: ["1", 0], upscale_method: "by-magic", width: 32, height: 32, crop: "disabled" },
      _meta: { title: "Scale" },
    },
    "3": { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "scenario" } },
  }),
};

/** The same for the stand-in, which has a node that takes its time and counts its steps. */
const standIn = {
  ...modelFree,
  slow: (variation: number): Workflow => standInSlow({ seed: variation }),
};

interface SlowInputs {
  /** Each takes as long as the stand-in was told. */
  steps?: number;
  fail?: "" | "error" | "oom" | "cuda";
  seed?: number;
}

/** For the stand-in alone: a node that counts its steps, and fails after them where asked to. */
export function standInSlow({ fail = "", seed = nextVariation(), steps = 200 }: SlowInputs = {}): Workflow {
  return {
    "1": { class_type: "StandInSlow", inputs: { steps, fail, seed } },
    "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "slow" } },
  };
}

export type WorkflowName = keyof typeof modelFree;

/** Where a real ComfyUI listens that scenarios shall run against; undefined: a stand-in does. */
export const realComfyuiUrl = process.env.COMFYUI_URL;

/**
 * The workflow of a name, with another seed, colour or length at each call. A file that `COMFYUI_WORKFLOWS` names may hold
 * others in their place, by name, with `__VARIATION__` where they differ and `__INPUT__` where a file comes in.
 */
export function workflow(name: WorkflowName, input: unknown = ""): Workflow {
  const variation = nextVariation();
  const replaced = replacements()[name];
  if (replaced !== undefined) {
    const text = JSON.stringify(replaced).replaceAll('"__VARIATION__"', String(variation));
    return JSON.parse(text.replaceAll('"__INPUT__"', () => JSON.stringify(input)));
  }
  return (realComfyuiUrl === undefined ? standIn : modelFree)[name](variation, input);
}

/** The slow one, for a job that is cancelled: with a stand-in it runs for 20 s, so that it still does whenever a test looks. */
export const endless = (): Workflow => (realComfyuiUrl === undefined ? standInSlow({ steps: 2000 }) : workflow("slow"));

let variations = Date.now() % 16_000_000;

/** A colour that ComfyUI has not seen: what it has, it doesn't run again. */
function nextVariation(): number {
  variations = (variations + 1) % 16_777_216;
  return variations;
}

function replacements(): Partial<Record<string, unknown>> {
  const path = process.env.COMFYUI_WORKFLOWS;
  return path === undefined ? {} : JSON.parse(readFileSync(path, "utf8"));
}

function emptyImage(color: number) {
  return { class_type: "EmptyImage", inputs: { width: 64, height: 64, batch_size: 1, color } };
}

/** Up and down again, a few times: each step takes a good part of a second, and can be interrupted after it. */
function slowChain(variation: number): Workflow {
  const chain: Workflow = { "1": emptyImage(variation) };
  const sizes = [6000, 64, 6000, 64, 6000, 64, 6000, 64];
  for (const [index, size] of sizes.entries()) {
    chain[String(index + 2)] = {
      class_type: "ImageScale",
      inputs: { image: [String(index + 1), 0], upscale_method: "lanczos", width: size, height: size, crop: "disabled" },
    };
  }
  chain.save = { class_type: "SaveImage", inputs: { images: [String(sizes.length + 1), 0], filename_prefix: "slow" } };
  return chain;
}
