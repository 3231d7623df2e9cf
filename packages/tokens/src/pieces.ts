import { isLowSurrogate, isSafeCut, partsCharacter } from "./safe-cut.ts";
import { noSpecials, type Span, type SpecialFinder } from "./special-tokens.ts";

/** A part of a text: either a special token, or free of them and short. */
export interface Piece extends Span {
  isSpecial: boolean;
}

/**
 * tiktoken's merge is quadratic in the bytes of an unbroken run: at this length a piece takes a millisecond at worst.
 * A multiple of three, since digits go in threes.
 */
const longestPiece = 510;
/** As many bytes where characters take three: Chinese, Thai, emoji. */
const longestDensePiece = 168;
const denseBytes = longestPiece * 1.5;
/** Accents on one letter that are kept together. */
const mostMarks = 16;
/** Characters among which a block's end is looked for. */
const blockMargin = 100;

/** Cuts a text, or the span of it, into short pieces that make it whole again, if it can where no word is cut. */
export function* cutPieces(
  text: string,
  specials: SpecialFinder = noSpecials,
  { end, start }: Span = { start: 0, end: text.length },
): Generator<Piece> {
  let at = start;
  while (at < end) {
    const special = specials.find(text, at, Math.min(at + longestPiece, end));
    if (special?.start === at) {
      yield { ...special, isSpecial: true };
      at = special.end;
    } else {
      const cut = findCut(text, at, special?.start ?? end);
      yield { start: at, end: cut, isSpecial: false };
      at = cut;
    }
  }
}

/** Cuts a text into blocks of about `size` characters, where no special token and, if it can, no word is cut. */
export function cutBlocks(text: string, specials: SpecialFinder, size: number): Span[] {
  const blocks: Span[] = [];
  let start = 0;
  while (start < text.length) {
    const end = start + size < text.length ? findBlockCut(text, specials, start + size) : text.length;
    blocks.push({ start, end });
    start = end;
  }
  return blocks;
}

function findBlockCut(text: string, specials: SpecialFinder, near: number): number {
  const cut = lastCut(text, near - blockMargin, near);
  let from = cut - specials.longest;
  for (;;) {
    const special = specials.find(text, from, cut);
    if (special === undefined) {
      return cut;
    }
    if (special.end > cut) {
      return special.start;
    }
    from = special.end;
  }
}

function findCut(text: string, start: number, limit: number): number {
  const ahead = text.slice(start, Math.min(start + longestPiece, limit));
  const isDense = Buffer.byteLength(ahead) > denseBytes;
  const end = start + Math.min(ahead.length, isDense ? longestDensePiece : longestPiece);
  if (end === limit) {
    return limit;
  }
  return lastCut(text, start, end);
}

/** The last place to cut that lies behind `start`, and not behind `end`. */
function lastCut(text: string, start: number, end: number): number {
  for (let cut = end; cut > start; cut -= 1) {
    if (isSafeCut(text, cut)) {
      return cut;
    }
  }
  for (let cut = end; cut > Math.max(end - mostMarks, start); cut -= 1) {
    if (!partsCharacter(text, cut)) {
      return cut;
    }
  }
  return isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}
