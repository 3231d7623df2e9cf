/** Finds special tokens in texts. */
export interface SpecialFinder {
  /** Where the first special token lies that begins at `start` or later, and before `end`. */
  find(text: string, start: number, end: number): Span | undefined;
  /** Characters of the longest one. */
  readonly longest: number;
}

export interface Span {
  start: number;
  end: number;
}

export const noSpecials: SpecialFinder = { find: () => undefined, longest: 0 };

/** The first one counts, and of several that begin there the longest: so do Hugging Face's tokenizers. */
export function createSpecialFinder(names: readonly string[]): SpecialFinder {
  if (names.length === 0) {
    return noSpecials;
  }
  const sorted = [...names].sort((left, right) => right.length - left.length);
  const expression = new RegExp(sorted.map((name) => RegExp.escape(name)).join("|"));
  const longest = sorted[0]?.length ?? 0;
  return {
    find: (text, start, end) => {
      const match = expression.exec(text.slice(start, end + longest - 1));
      return match === null || start + match.index >= end
        ? undefined
        : { start: start + match.index, end: start + match.index + match[0].length };
    },
    longest,
  };
}
