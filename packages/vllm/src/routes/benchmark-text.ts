import { type ModelLimits, randomWords } from "@pyworker/llm";

const wordsInPrompt = 250;
const outputTokens = 500;
/** The shortest word takes this many tokens with any vocabulary, and then some. */
const mostTokensPerWord = 4;

/** A prompt and the tokens to answer it with. */
export interface BenchmarkText {
  prompt: string;
  tokens: number;
}

/** A prompt that no cache has seen, since its words are drawn anew. With its answer it fits the model. */
export function benchmarkText({ maxLength }: ModelLimits): BenchmarkText {
  const length = Math.max(1, Math.min(wordsInPrompt, Math.floor(maxLength / 2 / mostTokensPerWord)));
  return {
    prompt: randomWords(length),
    tokens: Math.max(1, Math.min(outputTokens, Math.floor(maxLength / 2))),
  };
}

/** An answer ends where it is told to, not before: so its cost is known before. */
export const benchmarkSampling = { temperature: 0.7, ignore_eos: true } as const;
