import type { ConfigurationProblem } from "@pyworker/core";
import { drawFrom, randomSeed } from "../fields/random.ts";
import { imagePrompts } from "./image-prompts.ts";

/** The environment variables of the benchmark. */
export const benchmarkVariables = {
  BENCHMARK_JSON_PATH: "a file with the request or the workflow that the benchmark runs",
  BENCHMARK_TEST_WIDTH: "width of the built-in benchmark's picture in pixels; unset: 512",
  BENCHMARK_TEST_HEIGHT: "its height in pixels; unset: 512",
  BENCHMARK_TEST_STEPS: "its steps; unset: 20",
} as const;

/** What the built-in benchmark makes. */
export interface BenchmarkImage {
  /** In pixels. */
  width: number;
  height: number;
  steps: number;
}

type Variables = Partial<Record<keyof typeof benchmarkVariables, string>>;
type NumberName = Exclude<keyof typeof benchmarkVariables, "BENCHMARK_JSON_PATH">;

/** What ComfyUI's nodes take. */
const pixels = { minimum: 16, maximum: 16_384 };
const steps = { minimum: 1, maximum: 10_000 };

/** Reads the size of the built-in benchmark. What is wrong is added to `problems`. */
export function readBenchmarkImage(variables: Variables, problems: ConfigurationProblem[]): BenchmarkImage {
  const read = (name: NumberName, { maximum, minimum }: typeof pixels, fallback: number): number => {
    const text = variables[name];
    if (text === undefined) {
      return fallback;
    }
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) {
      return value;
    }
    problems.push({ name, expected: `a whole number from ${minimum} to ${maximum}`, found: JSON.stringify(text) });
    return fallback;
  };
  return {
    width: read("BENCHMARK_TEST_WIDTH", pixels, 512),
    height: read("BENCHMARK_TEST_HEIGHT", pixels, 512),
    steps: read("BENCHMARK_TEST_STEPS", steps, 20),
  };
}

/** Makes requests for a picture by Stable Diffusion 1.5, each of something else. */
export const createText2ImageBenchmark = (image: BenchmarkImage) => () => ({
  input: { modifier: "Text2Image", modifications: { ...image, prompt: drawFrom(imagePrompts), seed: randomSeed() } },
});
