import type { Encoder } from "./encoder.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { cutBlocks, cutPieces, type Piece } from "./pieces.ts";
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
  encoder: Encoder;
  recent: RecentCounts;
  /** Characters that are counted; the rest is extrapolated. */
  mostCharacters: number;
  now: () => number;
}

/** A text of which something is still to be counted. */
interface Tally {
  text: string;
  key: string | undefined;
  tokens: number;
  characters: number;
}

interface Block {
  tally: Tally;
  pieces: Iterator<Piece, unknown>;
}

/** Characters of a text between two places where counting begins. */
const blockSize = 8192;

export function createTokenCount({ texts, encoder, recent, mostCharacters, now }: TokenCountOptions): TokenCount {
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  let characters = 0;
  let tokens = 0;
  const blocks: Block[] = [];

  function* countAll(): Generator<undefined> {
    for (const text of texts) {
      const key = recent.keyOf(text);
      const known = key === undefined ? undefined : recent.get(key);
      if (known === undefined) {
        const tally = { text, key, tokens: 0, characters: 0 };
        for (const span of cutBlocks(text, encoder.specials, blockSize)) {
          blocks.push({ tally, pieces: cutPieces(text, encoder.specials, span) });
        }
      } else {
        characters += text.length;
        tokens += known;
      }
      yield;
    }
    // A piece here and a piece there: what is left uncounted is then like what is counted.
    let open = spread(blocks);
    while (open.length > 0) {
      const next: Block[] = [];
      for (const block of open) {
        if (countPiece(block)) {
          next.push(block);
        }
        yield;
        if (characters >= mostCharacters) {
          return;
        }
      }
      open = next;
    }
  }

  const countPiece = ({ pieces, tally }: Block): boolean => {
    const { done, value: piece } = pieces.next();
    if (done) {
      return false;
    }
    const { end, isSpecial, start } = piece;
    const count = isSpecial ? 1 : encoder.count(tally.text.slice(start, end));
    characters += end - start;
    tokens += count;
    tally.characters += end - start;
    tally.tokens += count;
    if (tally.key !== undefined && tally.characters === tally.text.length) {
      recent.set(tally.key, tally.tokens);
    }
    return true;
  };

  const steps = countAll();
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

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** An order in which the first few, however many, lie all over the list. */
function spread<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item, index) => ({ item, place: (index * goldenRatio) % 1 }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}
