import { type ModelAccess, systemClock } from "@pyworker/core";
import { createTokenCounter, type TokenCounter } from "@pyworker/tokens";
import { type CountQueue, createCountQueue } from "./count-queue.ts";
import type { WorkloadOptions } from "./pricing.ts";

/** What is known of the served model. */
export interface ModelLimits {
  /** The name to send in requests of our own. */
  readonly name: string | undefined;
  /** Tokens that fit, prompt and answer together; Infinity while unknown. */
  readonly maxLength: number;
}

export interface LlmOptions {
  /** How requests are priced. */
  workload?: WorkloadOptions;
  /** An encoding's name, a tokenizer.json or tekken.json, or "bytes". Default: the model's own, where the machine has it. */
  tokenizer?: string;
  /** Hugging Face caches, in which the model's own tokenizer is looked for. */
  hubFolders?: readonly string[];
}

/** What the routes of one worker for a language model share. */
export interface Llm {
  readonly workload: WorkloadOptions;
  readonly model: ModelLimits;
  readonly counter: TokenCounter;
  readonly queue: CountQueue;
  /**
   * Loads the tokenizer, and compares it with the engine's own counts where `count` can ask for them. What it finds is
   * logged; a failure leaves the estimates.
   */
  load(access: ModelAccess, count: (text: string) => Promise<number>): Promise<void>;
}

/** Loading a tokenizer holds the event loop: the worker listens and has reported by then, and is far from ready. */
const loadDelayMilliseconds = 500;

export function createLlm(model: ModelLimits, { workload = {}, tokenizer, hubFolders }: LlmOptions = {}): Llm {
  const counter = createTokenCounter();
  systemClock.after(loadDelayMilliseconds, () => void counter.load());
  return {
    workload,
    model,
    counter,
    queue: createCountQueue({ counter, clock: systemClock }),
    load: async () => {
      await counter.load();
    },
  };
}
