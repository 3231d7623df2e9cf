import { type ModelLimits, randomWords } from "@pyworker/llm";

const wordsInPrompt = 250;
const outputTokens = 500;
/** The shortest word takes this many tokens with any vocabulary, and then some. */
const mostTokensPerWord = 4;

/**
 * A completion that no cache has seen, since its words are drawn anew, and that ends where it is told to: so its cost is
 * known before. It fits the model.
 */
export function benchmarkPayload({ maxLength, name }: ModelLimits) {
  const tokens = Math.max(1, Math.min(outputTokens, Math.floor(maxLength / 2)));
  const length = Math.max(1, Math.min(wordsInPrompt, Math.floor(maxLength / 2 / mostTokensPerWord)));
  return {
    ...(name === undefined ? {} : { model: name }),
    prompt: randomWords(length),
    max_tokens: tokens,
    temperature: 0.7,
    ignore_eos: true,
  };
}
