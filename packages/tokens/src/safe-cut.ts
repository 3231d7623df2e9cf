import { Kind, kindAt } from "./character-kind.ts";

/**
 * Whether a cut at `index` changes no count, whatever comes before and behind it: there all vocabularies begin a new
 * word, as their patterns have it. They put a space or a sign to the word behind it, and nothing else.
 */
export function isSafeCut(text: string, index: number): boolean {
  const before = kindAt(text, index - 1);
  const after = kindAt(text, index);
  if (text.charAt(index) === " ") {
    return before !== Kind.space && index + 1 < text.length && kindAt(text, index + 1) !== Kind.space;
  }
  if (text.charAt(index - 1) === "\n") {
    // Some put slashes to the line breaks before them, and some part a run of line breaks before its last.
    return after !== Kind.space && text.charAt(index) !== "/" && kindAt(text, index - 2) !== Kind.space;
  }
  if (before === Kind.space || after === Kind.space || before === Kind.surrogate) {
    return false;
  }
  if (after === Kind.number) {
    return before !== Kind.number;
  }
  if (after === Kind.letter) {
    return before === Kind.number;
  }
  // An apostrophe, and an accent even more so, belongs to the letter before it; a surrogate may be anything.
  return after === Kind.other && text.charAt(index) !== "'" && (before === Kind.letter || before === Kind.number);
}

/** Whether a cut at `index` would part what is one character to a reader: a surrogate pair, or a letter and its accent. */
export const partsCharacter = (text: string, index: number): boolean =>
  isLowSurrogate(text.charCodeAt(index)) || kindAt(text, index) === Kind.mark;

export const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
