import { randomSeed, seedField, steppedField, strictInput } from "@pyworker/comfyui";
import { z } from "zod";

/** What a typed request may ask for at most. A workflow of one's own may ask for more. */
export interface WanLimits {
  /** The longer side, in pixels. */
  side: number;
  /** Width times height. */
  pixels: number;
  frames: number;
  steps: number;
}

/** What Wan 2.2 was made for. Beyond, ComfyUI would still try, and take very long. */
export const defaultWanLimits: WanLimits = { side: 1280, pixels: 1280 * 720, frames: 121, steps: 50 };

/** How the video is made: by Wan alone, or with LoRAs that make do with few steps. */
type Variant = "20-step" | "4-step";

const variantDefaults: Record<Variant, { steps: number; cfg: number }> = {
  "20-step": { steps: 20, cfg: 3.5 },
  "4-step": { steps: 4, cfg: 1 },
};

/** What stays out of a video where nobody says what should. */
const usualNegativePrompt =
  "blurry, washed out, overexposed, frozen, a still picture, subtitles, watermark, compression artefacts, distorted hands, distorted faces, extra limbs, crowded background, walking backwards";

const text = z.string().refine((value) => value.trim() !== "", "expected a text that says something");
const fileName = z.string().min(1, "expected a file's name");

const loraSchema = strictInput({
  /** For both models. */
  name: fileName.nullish(),
  /** For the one that makes the first half of the steps, out of noise. */
  high: fileName.nullish(),
  /** For the one that makes the second half. */
  low: fileName.nullish(),
  strength: z.number().min(-100).max(100).nullish(),
})
  .refine(({ high, low, name }) => (name ?? undefined) === undefined || (high ?? low ?? undefined) === undefined, {
    message: "give `name` for both models, or `high` and `low`",
  })
  .transform(({ high, low, name, strength }) => ({
    high: high ?? name ?? undefined,
    low: low ?? name ?? undefined,
    strength: strength ?? 1,
  }))
  .refine(({ high, low }) => high !== undefined || low !== undefined, "expected `name`, `high` or `low`");

const fields = ({ frames, side, steps }: WanLimits) => ({
  prompt: text,
  negative_prompt: z.string().nullish(),
  width: steppedField({ minimum: 16, maximum: side, step: 16 }).nullish(),
  height: steppedField({ minimum: 16, maximum: side, step: 16 }).nullish(),
  /** One, and then whole groups of four: others are cut to that. */
  frames: steppedField({ minimum: 1, maximum: frames, step: 4 }).nullish(),
  /** The same as a time, rounded to what `frames` may be. */
  seconds: z.number().positive().nullish(),
  fps: steppedField({ minimum: 1, maximum: 120, step: 1 }).nullish(),
  /** Two at least: one for each model. */
  steps: steppedField({ minimum: 2, maximum: steps, step: 1 }).nullish(),
  cfg: z.number().min(0).max(100).nullish(),
  seed: seedField.nullish(),
  loras: z.array(loraSchema).max(8).nullish(),
  variant: z.enum(["20-step", "4-step"]).nullish(),
});

/** The names of a typed request's fields. */
export const wanFields: readonly string[] = Object.keys(fields(defaultWanLimits));

/** A typed request with its defaults filled in. */
export type WanRequest = z.output<ReturnType<typeof createWanSchema>>;

/** The typed request for a video by Wan 2.2 14B. What is wrong is said with the nearest value that would do. */
export const createWanSchema = (limits: WanLimits = defaultWanLimits) =>
  strictInput(fields(limits))
    .transform(({ seconds, variant: chosen, ...request }) => {
      const variant = chosen ?? "20-step";
      const fps = request.fps ?? 16;
      return {
        variant,
        seconds: seconds ?? undefined,
        prompt: request.prompt,
        negativePrompt: request.negative_prompt ?? usualNegativePrompt,
        width: request.width ?? 640,
        height: request.height ?? 640,
        frames: request.frames ?? undefined,
        fps,
        steps: request.steps ?? variantDefaults[variant].steps,
        cfg: request.cfg ?? variantDefaults[variant].cfg,
        seed: request.seed ?? randomSeed(),
        loras: request.loras ?? [],
      };
    })
    .superRefine(({ height, width }, context) => {
      if (width * height > limits.pixels) {
        const fitting = Math.floor(limits.pixels / width / 16) * 16;
        const message = `${width} x ${height} is more than ${limits.pixels} pixels: use a height of at most ${fitting}`;
        context.addIssue({ code: "custom", path: ["height"], message });
      }
    })
    .transform(({ frames, seconds, ...request }, context) => {
      if (seconds === undefined) {
        return { ...request, frames: frames ?? 81 };
      }
      if (frames !== undefined) {
        context.addIssue({ code: "custom", path: ["seconds"], message: "give `frames` or `seconds`, not both" });
        return z.NEVER;
      }
      const counted = 4 * Math.round((seconds * request.fps) / 4) + 1;
      if (counted > limits.frames) {
        const longest = Number(((limits.frames - 1) / request.fps).toFixed(2));
        const message = `at ${request.fps} frames a second a video has at most ${limits.frames} frames: use ${longest}`;
        context.addIssue({ code: "custom", path: ["seconds"], message });
        return z.NEVER;
      }
      return { ...request, frames: counted };
    });
