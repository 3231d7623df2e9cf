import { randomWords } from "@pyworker/llm";

/** One request of a mix: what it asks, and how many tokens the model will answer. */
export interface MixedRequest {
  payload: { messages: { role: string; content: string }[]; stream: boolean; max_tokens?: number; user: string };
  outputTokens: number;
}

interface Kind {
  /** Of a hundred requests, so many are of this kind. */
  share: number;
  promptWords: readonly [least: number, most: number];
  outputTokens: readonly [least: number, most: number];
  /** Left out: as much as fits. */
  maxTokens?: number;
}

/** Limits are set by habit and seldom reached; most of what is read is read for little. */
const kinds: readonly Kind[] = [
  { share: 40, promptWords: [20, 400], outputTokens: [20, 350] },
  { share: 25, promptWords: [100, 800], outputTokens: [50, 400], maxTokens: 1024 },
  { share: 20, promptWords: [2000, 6000], outputTokens: [60, 250], maxTokens: 512 },
  { share: 10, promptWords: [200, 600], outputTokens: [1, 4], maxTokens: 16 },
  { share: 5, promptWords: [500, 1500], outputTokens: [300, 900], maxTokens: 4096 },
];

/** A chat as a mixed public would send it; every second one is streamed. The model is told its answer's length in `user`. */
export function nextRequest(random: () => number): MixedRequest {
  const kind = pickKind(random() * 100);
  const outputTokens = between(kind.outputTokens, random);
  const content = randomWords(between(kind.promptWords, random));
  return {
    payload: {
      messages: [{ role: "user", content }],
      stream: random() < 0.5,
      ...(kind.maxTokens === undefined ? {} : { max_tokens: kind.maxTokens }),
      user: String(outputTokens),
    },
    outputTokens,
  };
}

function pickKind(percent: number): Kind {
  let sum = 0;
  const found = kinds.find(({ share }) => {
    sum += share;
    return percent < sum;
  });
  return found ?? { share: 0, promptWords: [1, 1], outputTokens: [1, 1] };
}

const between = ([least, most]: readonly [number, number], random: () => number): number =>
  Math.floor(least + random() * (most - least + 1));
