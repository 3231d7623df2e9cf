import { estimateTokens } from "@pyworker/tokens";
import { type Bill, openBill } from "./bill.ts";
import { createOutputGuess } from "./output-guess.ts";
import type { TextTask } from "./text-task.ts";

/** How requests are priced. */
export interface WorkloadOptions {
  /** "tokens": expected output plus a share of the prompt. "max_tokens": that field alone, as the Python worker counts. Default "tokens". */
  count?: "tokens" | "max_tokens";
  /** What a prompt token costs, in output tokens. Default 0.25. */
  promptWeight?: number;
  /** The model's context length. Default: what the model server says, once it is loaded. */
  maxModelLength?: number;
}

/** Prices the requests of one route: one unit is one output token. No price is 0, and nothing throws. */
export interface Pricing {
  /** What a request is expected to cost, by a free guess at its prompt's length. */
  estimate(task: TextTask): number;
  /** The bill of a request that is let through. */
  open(task: TextTask): Bill;
  /** Tells how many tokens all answers to a request had. */
  learn(task: TextTask, outputTokens: number): void;
}

interface PricingOptions {
  promptWeight?: number | undefined;
  /** The model's context length; Infinity while it is unknown. */
  maxModelLength: () => number;
}

export const defaultPromptWeight = 0.25;

/** Learns from the answers how long answers are. */
export function createPricing({ promptWeight = defaultPromptWeight, maxModelLength }: PricingOptions): Pricing {
  const guess = createOutputGuess();
  const open = (task: TextTask): Bill =>
    openBill(task, {
      promptWeight,
      textTokens: task.texts.reduce((sum, text) => sum + estimateTokens(text), 0),
      expect: (promptTokens) =>
        fit(task, { promptTokens, outputTokens: guess.expect(task.outputLimit), most: maxModelLength() }),
    });
  return {
    estimate: (task) => open(task).total,
    open,
    learn: ({ outputLimit, sequences }, outputTokens) => guess.learn(outputLimit, outputTokens / sequences),
  };
}

interface Expected {
  /** Of all prompts together. */
  promptTokens: number;
  /** Of one answer. */
  outputTokens: number;
  most: number;
}

/** Tokens of all prompts and all answers: no more than fit the model. */
function fit({ prompts, sequences }: TextTask, { promptTokens, outputTokens, most }: Expected) {
  const ofOnePrompt = Math.min(promptTokens / prompts, most);
  const ofOneAnswer = Math.min(outputTokens, Math.max(most - ofOnePrompt, 1));
  return { promptTokens: ofOnePrompt * prompts, outputTokens: ofOneAnswer * sequences };
}
