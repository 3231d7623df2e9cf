import type { Encoder } from "./encoder.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { cutBlocks, cutPieces } from "./pieces.ts";
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

/** A part of a text, of which so much is counted. */
interface Block {
  size: number;
  characters: number;
  tokens: number;
  /** Counts its next piece; false when there is none. */
  countPiece(): boolean;
}

/** Blocks are made of so many characters, or a multiple: one that digits can be cut by. */
const unit = 510;
/** Units of a text between two places where counting begins, at least. */
const fewestUnits = 16;
/** Blocks of one text: they are made at one go. */
const mostBlocks = 128;

export function createTokenCount({ texts, encoder, recent, mostCharacters, now }: TokenCountOptions): TokenCount {
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  let characters = 0;
  const blocks: Block[] = [];

  function* countAll(): Generator<undefined> {
    for (const text of texts) {
      const key = recent.keyOf(text);
      const known = key === undefined ? undefined : recent.get(key);
      if (known === undefined) {
        blocks.push(...createBlocks(text, encoder, (tokens) => key !== undefined && recent.set(key, tokens)));
      } else {
        blocks.push({ size: text.length, characters: text.length, tokens: known, countPiece: () => false });
        characters += text.length;
      }
      yield;
    }
    // A piece here and a piece there: what is left uncounted is then like what is counted.
    let open = spread(blocks);
    while (open.length > 0) {
      const next: Block[] = [];
      for (const block of open) {
        const before = block.characters;
        if (block.countPiece()) {
          next.push(block);
        }
        characters += block.characters - before;
        yield;
        if (characters >= mostCharacters) {
          return;
        }
      }
      open = next;
    }
  }

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
      return extrapolate(blocks, total) ?? texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    },
  };
}

function createBlocks(text: string, { count, specials }: Encoder, onCounted: (tokens: number) => void): Block[] {
  let openBlocks = 0;
  const size = unit * Math.max(fewestUnits, Math.ceil(text.length / mostBlocks / unit));
  const blocks = cutBlocks(text, specials, size).map((span): Block => {
    const pieces = cutPieces(text, specials, span);
    openBlocks += 1;
    return {
      size: span.end - span.start,
      characters: 0,
      tokens: 0,
      countPiece() {
        const { done, value: piece } = pieces.next();
        if (done) {
          return false;
        }
        this.characters += piece.end - piece.start;
        this.tokens += piece.isSpecial ? 1 : count(text.slice(piece.start, piece.end));
        if (this.characters < this.size) {
          return true;
        }
        openBlocks -= 1;
        if (openBlocks === 0) {
          onCounted(blocks.reduce((sum, { tokens }) => sum + tokens, 0));
        }
        return false;
      },
    };
  });
  return blocks;
}

/** Each block goes on as it began, and those not begun are like the others; undefined where none is. */
function extrapolate(blocks: readonly Block[], total: number): number | undefined {
  let tokens = 0;
  let size = 0;
  for (const block of blocks) {
    if (block.characters > 0) {
      tokens += (block.tokens * block.size) / block.characters;
      size += block.size;
    }
  }
  return size === 0 ? undefined : Math.ceil((tokens * total) / size);
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** An order in which the first few, however many, lie all over the list. */
function spread<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item, index) => ({ item, place: (index * goldenRatio) % 1 }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}
