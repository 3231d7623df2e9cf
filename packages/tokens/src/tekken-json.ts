import { fieldsOf, listOf, requireEveryByte, UnusableVocabulary, type Vocabulary } from "./vocabulary.ts";

/** Turns a Mistral tekken.json into ranks. Special tokens in a text count as text: that is how Mistral's own code reads them. */
export function readTekkenJson(file: unknown): Vocabulary {
  const { config, vocab } = fieldsOf(file);
  const { default_num_special_tokens: specials, default_vocab_size: size, pattern } = fieldsOf(config);
  if (typeof pattern !== "string" || typeof size !== "number" || typeof specials !== "number") {
    throw new UnusableVocabulary("its config lacks a pattern, a vocabulary's size or a number of special tokens");
  }
  const tokens = listOf(vocab)
    .slice(0, size - specials)
    .map(readToken);
  const known = new Set(tokens.map(({ bytes }) => bytes));
  requireEveryByte((byte) => known.has(Buffer.of(byte).toString("base64")));
  if (known.size < tokens.length || new Set(tokens.map(({ rank }) => rank)).size < tokens.length) {
    throw new UnusableVocabulary("a token or a rank comes twice");
  }
  return {
    ranks: tokens.map(({ bytes, rank }) => `${bytes} ${rank}`).join("\n"),
    pattern,
    specials: [],
    isComposed: false,
  };
}

function readToken(token: unknown): { bytes: string; rank: number } {
  const { rank, token_bytes: bytes } = fieldsOf(token);
  const isSound =
    typeof bytes === "string" && bytes !== "" && Buffer.from(bytes, "base64").toString("base64") === bytes;
  if (!isSound || typeof rank !== "number" || !Number.isInteger(rank) || rank < 0) {
    throw new UnusableVocabulary(`${JSON.stringify(token)} is no token with a rank`);
  }
  return { bytes, rank };
}
