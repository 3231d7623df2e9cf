import { estimateTokens } from "@pyworker/tokens";
import type { TextTask } from "./text-task.ts";
import type { Usage } from "./usage.ts";

export interface WorkloadOptions {
  /** "tokens": expected output plus a share of the prompt. "max_tokens": that field alone, as the Python worker counts. Default "tokens". */
  count?: "tokens" | "max_tokens";
  /** What a prompt token costs, in output tokens. Default 0.25. */
  promptWeight?: number;
  /** The model's context length. Default: what the model server says, once it is loaded. */
  maxModelLength?: number;
}

/** Prices the requests of one route. No price is 0, and nothing throws. */
export interface Pricing {
  /** What a request is expected to cost, by a free guess at its prompt's length. */
  estimate(task: TextTask): number;
  /** The same, once the tokens of its texts have been counted. */
  reprice(task: TextTask, textTokens: number): number;
  /** What it did cost. */
  settle(task: TextTask, usage: Usage): number;
}

interface PricingOptions {
  promptWeight?: number | undefined;
  /** The model's context length; Infinity while it is unknown. */
  maxModelLength: () => number;
}

const defaultPromptWeight = 0.25;
const firstGuess = 500;
const smoothing = 0.05;

/** One unit is one output token. Learns from its settled requests how long answers are when nobody says how long they may be. */
export function createPricing({ promptWeight = defaultPromptWeight, maxModelLength }: PricingOptions): Pricing {
  let usualOutput = firstGuess;
  const price = (promptTokens: number, outputTokens: number): number =>
    Math.max(1, Math.round(promptWeight * promptTokens + outputTokens));

  const reprice = ({ otherTokens, outputLimit, prompts, sequences }: TextTask, textTokens: number): number => {
    const most = maxModelLength();
    const promptTokens = Math.min((textTokens + otherTokens) / prompts, most);
    const outputTokens = Math.min(outputLimit ?? usualOutput, Math.max(most - promptTokens, 1));
    return price(promptTokens * prompts, outputTokens * sequences);
  };

  return {
    estimate: (task) =>
      reprice(
        task,
        task.texts.reduce((sum, text) => sum + estimateTokens(text), 0),
      ),
    reprice,
    settle: ({ outputLimit, sequences }, { cachedTokens, completionTokens, promptTokens }) => {
      if (outputLimit === undefined) {
        usualOutput += smoothing * (completionTokens / sequences - usualOutput);
      }
      return price(Math.max(promptTokens - cachedTokens, 0), completionTokens);
    },
  };
}
