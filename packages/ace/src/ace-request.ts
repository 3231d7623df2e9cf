import { randomSeed, seedField, steppedField, strictInput } from "@pyworker/comfyui";
import { z } from "zod";

/** What a typed request may ask for at most. A workflow of one's own may ask for more. */
export interface AceLimits {
  seconds: number;
  steps: number;
}

/** ACE-Step has learnt from pieces of up to four minutes. */
export const defaultAceLimits: AceLimits = { seconds: 240, steps: 100 };

/** How the sound is made: as Vast's workflow does it, or as ComfyUI's own template does. */
type Variant = "65-step" | "50-step";

const variantDefaults: Record<Variant, { seconds: number; steps: number; cfg: number }> = {
  "65-step": { seconds: 180, steps: 65, cfg: 4 },
  "50-step": { seconds: 120, steps: 50, cfg: 5 },
};

/** What clients may call the model that typed requests run. */
const modelNames = ["1", "1.0", "v1", "ace_step_v1_3.5b.safetensors"];

/** A field of its own, so that who asks for 1.5 learns how to get it rather than gets v1 unasked. */
const model = z.union([z.string(), z.number()]).superRefine((value, context) => {
  if (!modelNames.includes(String(value))) {
    context.addIssue({
      code: "custom",
      message: `typed requests run ACE-Step v1 ("1"), not ${JSON.stringify(value)}: send an ACE-Step 1.5 workflow as \`workflow_json\``,
    });
  }
});

const fields = ({ seconds, steps }: AceLimits) => ({
  /** Genre, instruments, mood, tempo. */
  tags: z.string().refine((value) => value.trim() !== "", "expected tags: a genre, instruments, a mood"),
  /** Sections in brackets (`[verse]`, `[chorus]`); empty or `[instrumental]` for none. */
  lyrics: z.string().nullish(),
  lyrics_strength: z.number().min(0).max(10).nullish(),
  seconds: steppedField({ minimum: 1, maximum: seconds, step: 0.1 }).nullish(),
  steps: steppedField({ minimum: 1, maximum: steps, step: 1 }).nullish(),
  cfg: z.number().min(0).max(100).nullish(),
  seed: seedField.nullish(),
  variant: z.enum(["65-step", "50-step"]).nullish(),
  model: model.nullish(),
});

/** The names of a typed request's fields. */
export const aceFields: readonly string[] = Object.keys(fields(defaultAceLimits));

/** A typed request with its defaults filled in. */
export type AceRequest = z.output<ReturnType<typeof createAceSchema>>;

/** The typed request for a piece by ACE-Step v1. What is wrong is said with the nearest value that would do. */
export const createAceSchema = (limits: AceLimits = defaultAceLimits) =>
  strictInput(fields(limits)).transform((request) => {
    const variant = request.variant ?? "65-step";
    const defaults = variantDefaults[variant];
    return {
      variant,
      tags: request.tags,
      lyrics: request.lyrics ?? "",
      lyricsStrength: request.lyrics_strength ?? 0.99,
      // An endpoint that allows less than the variant's own defaults gets what it allows.
      seconds: request.seconds ?? Math.min(defaults.seconds, limits.seconds),
      steps: request.steps ?? Math.min(defaults.steps, limits.steps),
      cfg: request.cfg ?? defaults.cfg,
      seed: request.seed ?? randomSeed(),
    };
  });
