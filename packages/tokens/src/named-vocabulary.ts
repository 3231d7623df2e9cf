import type { Vocabulary } from "./vocabulary.ts";

const files = {
  cl100k_base: () => import("tiktoken/encoders/cl100k_base.json", { with: { type: "json" } }),
  o200k_base: () => import("tiktoken/encoders/o200k_base.json", { with: { type: "json" } }),
  p50k_base: () => import("tiktoken/encoders/p50k_base.json", { with: { type: "json" } }),
  r50k_base: () => import("tiktoken/encoders/r50k_base.json", { with: { type: "json" } }),
  gpt2: () => import("tiktoken/encoders/gpt2.json", { with: { type: "json" } }),
};

/** An encoding that comes with tiktoken. */
export type EncodingName = keyof typeof files;

export const encodingNames: readonly string[] = Object.keys(files);

export const isEncodingName = (name: string): name is EncodingName => Object.hasOwn(files, name);

export async function namedVocabulary(name: EncodingName): Promise<Vocabulary> {
  const { default: file } = await files[name]();
  return {
    ranks: file.bpe_ranks,
    pattern: file.pat_str,
    specials: Object.keys(file.special_tokens),
    isComposed: false,
  };
}
