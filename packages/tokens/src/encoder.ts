export type Encoding = "cl100k_base" | "o200k_base";

/** The number of tokens in a short text. */
export type Encode = (piece: string) => number;

const vocabularies = {
  cl100k_base: () => import("tiktoken/encoders/cl100k_base.json", { with: { type: "json" } }),
  o200k_base: () => import("tiktoken/encoders/o200k_base.json", { with: { type: "json" } }),
};

/** The build without vocabularies of its own takes half the memory. The encoder lives as long as the process. */
export async function loadEncoder(encoding: Encoding): Promise<Encode> {
  const [{ Tiktoken }, { default: vocabulary }] = await Promise.all([
    import("tiktoken/lite"),
    vocabularies[encoding](),
  ]);
  const encoder = new Tiktoken(vocabulary.bpe_ranks, vocabulary.special_tokens, vocabulary.pat_str);
  // Not `encode`, which throws where a text holds a special token's name.
  const encode: Encode = (piece) => encoder.encode_ordinary(piece).length;
  for (const sample of samples) {
    encode(sample);
  }
  return encode;
}

/** The first texts of a kind take twenty times as long as later ones: they are these. */
const samples = ["The quick brown fox, 42 times.\n\t", "中文字符", "a", " ", "\n", "😀é", "0f/+"].flatMap((text) => [
  text.repeat(100).slice(0, 170),
  text.repeat(100).slice(0, 170),
]);
