import type { Encode } from "./encoder.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { cutPieces } from "./pieces.ts";
import type { RecentCounts } from "./recent-counts.ts";

/** A count that is taken in steps, so that it holds the event loop no longer than it may. */
export interface TokenCount {
  /** Counts on for so many milliseconds, and at most one more; true when there is nothing left to count. */
  advance(milliseconds: number): boolean;
  /** Tokens in all texts: counted so far, and extrapolated by length for the rest. */
  readonly tokens: number;
}

interface TokenCountOptions {
  texts: readonly string[];
  encode: Encode;
  recent: RecentCounts;
  /** Characters that are counted; the rest is extrapolated. */
  mostCharacters: number;
  now: () => number;
}

export function createTokenCount({ texts, encode, recent, mostCharacters, now }: TokenCountOptions): TokenCount {
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  let characters = 0;
  let tokens = 0;

  function* countPieces(): Generator<undefined> {
    for (const text of texts) {
      const key = recent.keyOf(text);
      const known = key === undefined ? undefined : recent.get(key);
      if (known !== undefined) {
        characters += text.length;
        tokens += known;
        yield;
        continue;
      }
      const before = tokens;
      for (const piece of cutPieces(text)) {
        characters += piece.length;
        tokens += encode(piece);
        yield;
        if (characters >= mostCharacters) {
          return;
        }
      }
      if (key !== undefined) {
        recent.set(key, tokens - before);
      }
    }
  }

  const steps = countPieces();
  return {
    advance: (milliseconds) => {
      const deadline = now() + milliseconds;
      while (now() < deadline) {
        if (steps.next().done) {
          return true;
        }
      }
      return false;
    },
    get tokens() {
      if (characters === 0) {
        return texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      }
      return Math.ceil((tokens * total) / characters);
    },
  };
}
