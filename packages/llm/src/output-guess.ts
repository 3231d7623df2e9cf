/** Learns from the answers of one route how long they are. */
export interface OutputGuess {
  /** Tokens that an answer is likely to have. `limit`: what the request allows; undefined: as many as fit. */
  expect(limit: number | undefined): number;
  learn(limit: number | undefined, tokens: number): void;
}

const firstGuess = 500;
const smoothing = 0.05;

/**
 * Limits are set by habit, and answers end before them: what share of a limit is used is learned for each magnitude of
 * it, by factors of two. Until something is known, all of it.
 */
export function createOutputGuess(): OutputGuess {
  let unlimited = firstGuess;
  const shares = new Map<number, number>();
  const shareOf = (limit: number): number => shares.get(magnitudeOf(limit)) ?? 1;
  return {
    expect: (limit) => (limit === undefined ? unlimited : limit * shareOf(limit)),
    learn: (limit, tokens) => {
      if (limit === undefined) {
        unlimited += smoothing * (tokens - unlimited);
      } else if (limit > 0) {
        const share = shareOf(limit);
        shares.set(magnitudeOf(limit), share + smoothing * (Math.min(tokens / limit, 1) - share));
      }
    },
  };
}

const magnitudeOf = (limit: number): number => Math.floor(Math.log2(limit));
