import type { ServedModel } from "./served-model.ts";

const wordsInPrompt = 250;
const outputTokens = 500;
/** The shortest word takes this many tokens with any vocabulary, and then some. */
const mostTokensPerWord = 4;

/**
 * A completion that no cache has seen, since its words are drawn anew, and that ends where it is told to: so its cost is
 * known before. It fits the model.
 */
export function benchmarkPayload({ maxLength, name }: ServedModel) {
  const tokens = Math.max(1, Math.min(outputTokens, Math.floor(maxLength / 2)));
  const length = Math.max(1, Math.min(wordsInPrompt, Math.floor(maxLength / 2 / mostTokensPerWord)));
  return {
    ...(name === undefined ? {} : { model: name }),
    prompt: Array.from({ length }, randomWord).join(" "),
    max_tokens: tokens,
    temperature: 0.7,
    ignore_eos: true,
  };
}

const randomWord = (): string => words[Math.floor(Math.random() * words.length)] ?? "word";

/** A token each and four letters long with the space before, so that the price by bytes is the price by tokens. */
const words = (
  "the of and to in is you that it he was for on are as with his they at be this from have or by one had not but what " +
  "all were we when your can said there use an each which she do how if will up other out many then them these so some " +
  "her would make like him into time has look two more go see no way could my than first been call who its now find " +
  "long down day did get come made may part over new sound take only work know year live me back give most very after"
).split(" ");
