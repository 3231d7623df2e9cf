/** What patterns for words tell apart. */
export const Kind = { space: 1, letter: 2, number: 3, mark: 4, surrogate: 5, other: 6 };

const expressions: readonly [RegExp, number][] = [
  // What JavaScript calls white space, and the one character more that others do.
  [/[\s\u0085]/, Kind.space],
  [/\p{L}/u, Kind.letter],
  [/\p{N}/u, Kind.number],
  [/\p{M}/u, Kind.mark],
  [/[\ud800-\udfff]/, Kind.surrogate],
];

/** Kinds by UTF-16 unit, found as characters come; 0 where nobody asked yet. */
const known = new Uint8Array(0x10000);

/** The kind of one UTF-16 unit of a text; "other" beyond the text's ends. */
export function kindAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (Number.isNaN(unit)) {
    return Kind.other;
  }
  const kind = known[unit] || findKind(String.fromCharCode(unit));
  known[unit] = kind;
  return kind;
}

const findKind = (character: string): number =>
  expressions.find(([expression]) => expression.test(character))?.[1] ?? Kind.other;
