const wordsInPrompt = 250;
const outputTokens = 500;
const consonants = "bcdfghjklmnprstvw";
const vowels = "aeiou";

/** A completion that no cache has seen, and that ends where it is told to: its cost is known. */
export const benchmarkPayload = (model: string | undefined) => ({
  ...(model === undefined ? {} : { model }),
  prompt: Array.from({ length: wordsInPrompt }, randomWord).join(" "),
  max_tokens: outputTokens,
  temperature: 0.7,
  ignore_eos: true,
});

function randomWord(): string {
  const syllables = 1 + Math.floor(Math.random() * 3);
  return Array.from({ length: syllables }, () => pick(consonants) + pick(vowels)).join("");
}

const pick = (letters: string): string => letters.charAt(Math.floor(Math.random() * letters.length));
