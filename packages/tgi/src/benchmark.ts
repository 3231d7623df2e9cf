import { randomWords } from "@pyworker/llm";
import type { ModelServer, ServerLimits } from "./model-server.ts";

const wordsInPrompt = 250;
const outputTokens = 128;
const concurrentRequests = 50;
/** The shortest word takes this many tokens with any vocabulary, and then some. */
const mostTokensPerWord = 4;

/** A request that no cache has seen, since its words are drawn anew. It fits the model. */
export function benchmarkPayload({ limits, maxLength }: Pick<ModelServer, "limits" | "maxLength">) {
  const tokens = Math.max(1, Math.min(outputTokens, Math.floor(maxLength / 2)));
  const mostWords = Math.floor(Math.min(limits.inputTokens, maxLength - tokens) / mostTokensPerWord);
  return {
    inputs: randomWords(Math.max(1, Math.min(wordsInPrompt, mostWords))),
    parameters: { max_new_tokens: tokens, temperature: 0.7, return_full_text: false },
  };
}

/** Requests at once: one more than the model server takes is refused there. */
export const benchmarkConcurrency = (limits: ServerLimits): number =>
  Math.min(concurrentRequests, limits.concurrentRequests);
