import { randomWords } from "@pyworker/llm";

/** So many characters of common words in random order, which no cache has seen. */
export const randomText = (characters: number): string => randomWords(characters).slice(0, characters);
