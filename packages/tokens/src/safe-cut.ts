const isSpace = (character: string): boolean => /[\s\u0085]/.test(character);
const isLetter = (character: string): boolean => /\p{L}/u.test(character);
const isNumber = (character: string): boolean => /\p{N}/u.test(character);
const isMark = (character: string): boolean => /\p{M}/u.test(character);

/**
 * Whether a cut at `index` changes no count, whatever comes before and behind it: there all vocabularies begin a new
 * word, as their patterns have it. They put a space or a sign to the word behind it, and nothing else.
 */
export function isSafeCut(text: string, index: number): boolean {
  const before = text.charAt(index - 1);
  const after = text.charAt(index);
  if (after === " ") {
    return !isSpace(before) && index + 1 < text.length && !isSpace(text.charAt(index + 1));
  }
  if (before === "\n") {
    // Some put slashes to the line breaks before them, and some part a run of line breaks before its last.
    return !isSpace(after) && after !== "/" && !isSpace(text.charAt(index - 2));
  }
  if (isSpace(before) || isSpace(after) || isSurrogate(before)) {
    return false;
  }
  if (isNumber(after)) {
    return !isNumber(before);
  }
  if (isLetter(after)) {
    return isNumber(before);
  }
  // An apostrophe, and an accent even more so, belongs to the letter before it.
  return after !== "'" && (isLetter(before) || isNumber(before)) && !isMark(characterAt(text, index));
}

/** Whether a cut at `index` would part what is one character to a reader: a surrogate pair, or a letter and its accent. */
export const partsCharacter = (text: string, index: number): boolean =>
  isLowSurrogate(text.charCodeAt(index)) || isMark(text.charAt(index));

const isSurrogate = (character: string): boolean => /[\ud800-\udfff]/.test(character);
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
const characterAt = (text: string, index: number): string => String.fromCodePoint(text.codePointAt(index) ?? 0);
