export const fingerprint = "stand-in";
export const created = 1_700_000_000;

const words =
  "This is a stand-in for a model: it has no weights, reads nothing, and says the same to all who ask.".split(" ");

/** The token at `index` of any answer. */
const wordAt = (index: number): string => `${index === 0 ? "" : " "}${words[index % words.length]}`;

/** The first tokens of any answer. */
export const textOf = (tokens: number): string => piecesOf(tokens, Math.max(tokens, 1))[0]?.text ?? "";

interface Piece {
  text: string;
  tokens: number;
  /** Tokens up to its end. */
  until: number;
}

/** An answer in pieces of so many tokens. */
export function piecesOf(tokens: number, tokensPerPiece: number): Piece[] {
  return Array.from({ length: Math.ceil(tokens / tokensPerPiece) }, (_, piece) => {
    const from = piece * tokensPerPiece;
    const until = Math.min(from + tokensPerPiece, tokens);
    const text = Array.from({ length: until - from }, (_, index) => wordAt(from + index)).join("");
    return { text, tokens: until - from, until };
  });
}

/** A token is four characters of a prompt. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);
