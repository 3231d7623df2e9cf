import { setTimeout as sleep } from "node:timers/promises";
import { type ModelAccess, systemClock } from "@pyworker/core";
import { compareCounts, createTokenCounter, type TokenCounter } from "@pyworker/tokens";
import { type CountQueue, createCountQueue } from "./count-queue.ts";
import { defaultPromptWeight, type WorkloadOptions } from "./pricing.ts";

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
  /** The served model: a name on Hugging Face, or a folder. */
  model?: string;
  /** An encoding's name, a tokenizer.json or tekken.json, or "bytes". Default: the model's own, where the machine has it. */
  tokenizer?: string;
  /** Hugging Face caches, in which the model's own tokenizer is looked for. */
  hubFolders?: readonly string[];
  /** Seconds: a request whose expected wait is longer is refused; null: none is. Default 600. */
  maxQueueTime?: number | null;
}

/** What the routes of one worker for a language model share. */
export interface Llm {
  readonly workload: WorkloadOptions;
  /** In what requests are counted. */
  readonly unit: string;
  readonly model: ModelLimits;
  readonly counter: TokenCounter;
  readonly queue: CountQueue;
  /** Of every route, in seconds; null: no limit. An engine batches requests itself, and a long queue is better than none. */
  readonly maxQueueTime: number | null;
  /** Loads the tokenizer in a moment: for a worker whose model is loading too. */
  loadSoon(): void;
  /**
   * Loads the tokenizer; then compares it with the engine's own counts, which `count` asks for, and logs what it finds. A
   * tokenizer that fits badly makes estimates worse, and what a request has used is settled all the same.
   */
  load(access: ModelAccess, count: (text: string) => Promise<number>): Promise<void>;
}

/** Loading a tokenizer holds the event loop: the worker listens and has reported by then, and is far from ready. */
const loadDelayMilliseconds = 500;
const patienceMilliseconds = 250;
const defaultMaxQueueTime = 600;

export function createLlm(
  limits: ModelLimits,
  { maxQueueTime = defaultMaxQueueTime, workload = {}, ...options }: LlmOptions = {},
): Llm {
  const counter = createTokenCounter(options);
  const isCounting = workload.count !== "max_tokens";
  return {
    workload,
    unit: isCounting ? `tokens, ${workload.promptWeight ?? defaultPromptWeight} for one of a prompt` : "max_tokens",
    model: limits,
    counter,
    queue: createCountQueue({ counter, clock: systemClock }),
    maxQueueTime,
    loadSoon: () => {
      if (isCounting) {
        systemClock.after(loadDelayMilliseconds, () => void counter.load());
      }
    },
    load: async ({ log }, count) => {
      if (!isCounting) {
        return;
      }
      const { name: tokenizer, problem } = await counter.load();
      if (problem !== undefined) {
        log.warn({ tokenizer, problem }, "the tokenizer is not the one that was meant");
      }
      const compared = compareCounts(counter, count).then(
        (found) => log.info({ tokenizer, ...found }, "tokens as counted here, and by the model server"),
        (error) =>
          log.info({ tokenizer, reason: String(error) }, "the model server could not be asked to count tokens"),
      );
      // The benchmark should have the server to itself, but one that is slow to count must not keep the worker from being ready.
      await Promise.race([compared, sleep(patienceMilliseconds, undefined, { ref: false })]);
    },
  };
}
