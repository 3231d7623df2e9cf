import { z } from "zod";
import { randomIntegerMark } from "./random-integers.ts";

const highestSeed = 2n ** 64n - 1n;

/** A seed as ComfyUI takes it; what doesn't fit a number is a bigint. */
const seed = z.custom<number | bigint | string>(
  isSeed,
  `expected an integer from 0 to ${highestSeed}, or "${randomIntegerMark}"`,
);

/** Width or height of a picture, within what ComfyUI's latent images take. */
export const side = z.int().min(16).max(16_384);

/** A field that may be left out, null or empty; it then has its default. */
export const setting = <Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) =>
  z.preprocess((given) => (given === undefined || given === null || given === "" ? value : given), schema);

/** What the modifiers have in common: the inputs of a KSampler, of the prompts and of the checkpoint. */
export const samplerFields = ({ denoise, sampler }: { sampler: string; denoise: number }) => ({
  seed: setting(seed, randomIntegerMark),
  steps: setting(z.int().min(1).max(10_000), 20),
  cfg: setting(z.number().min(0).max(100), 8),
  sampler_name: setting(z.string(), sampler),
  scheduler: setting(z.string(), "normal"),
  denoise: setting(z.number().min(0).max(1), denoise),
  prompt: setting(z.string(), ""),
  negative_prompt: setting(z.string(), ""),
  ckpt_name: setting(z.string(), "v1-5-pruned-emaonly-fp16.safetensors"),
});

function isSeed(value: unknown): boolean {
  if (typeof value === "bigint") {
    return value >= 0n && value <= highestSeed;
  }
  return value === randomIntegerMark || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0);
}
