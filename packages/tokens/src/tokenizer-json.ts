import { setImmediate as nextTurn } from "node:timers/promises";
import { byteCharacters, tokenBytes } from "./byte-characters.ts";
import { type Fields, fieldsOf, listOf, requireEveryByte, UnusableVocabulary, type Vocabulary } from "./vocabulary.ts";

const tokensPerTurn = 8192;

/** Turns a Hugging Face tokenizer.json with a byte-level BPE model into ranks, in turns of the event loop. */
export async function readTokenizerJson(file: unknown): Promise<Vocabulary> {
  const { model: anyModel, normalizer, pre_tokenizer: preTokenizer } = fieldsOf(file);
  const model = fieldsOf(anyModel);
  requireByteLevel(model);
  const isComposed = composes(normalizer);
  const pattern = patternOf(preTokenizer);
  const vocabulary = fieldsOf(model.vocab);
  requireEveryByte((byte) => Object.hasOwn(vocabulary, byteCharacters[byte] ?? ""));
  const specials = readAddedTokens(file);
  const lines: string[] = [];
  for (const token of tokensInOrder(model, new Set(specials))) {
    if (!Object.hasOwn(vocabulary, token)) {
      throw new UnusableVocabulary(`a merge makes ${JSON.stringify(token)}, which is no token`);
    }
    const bytes = tokenBytes(token);
    if (bytes === undefined) {
      throw new UnusableVocabulary(`the token ${JSON.stringify(token)} is not made of bytes`);
    }
    lines.push(`${bytes} ${lines.length}`);
    if (lines.length % tokensPerTurn === 0) {
      await nextTurn();
    }
  }
  return { ranks: lines.join("\n"), pattern, specials, isComposed };
}

/** Tokens that are found in a text before anything else. */
export const readAddedTokens = (file: unknown): string[] =>
  listOf(fieldsOf(file).added_tokens).flatMap((token) => {
    const { content } = fieldsOf(token);
    return typeof content === "string" && content !== "" ? [content] : [];
  });

/** Tokens that the post-processor puts before a text: the begin-of-text token, or none. */
export function readLeadingTokens(file: unknown): number {
  const { post_processor: processor } = fieldsOf(file);
  for (const candidate of [processor, ...listOf(fieldsOf(processor).processors)]) {
    const { single, type } = fieldsOf(candidate);
    if (type === "TemplateProcessing") {
      return listOf(single).findIndex((part) => fieldsOf(part).Sequence !== undefined);
    }
  }
  return 0;
}

function requireByteLevel(model: Fields): void {
  const { byte_fallback: byteFallback, continuing_subword_prefix: prefix, dropout, end_of_word_suffix: suffix } = model;
  if (model.type !== "BPE") {
    throw new UnusableVocabulary(`its model is ${typeof model.type === "string" ? model.type : "unknown"}, not BPE`);
  }
  if (byteFallback === true) {
    throw new UnusableVocabulary("SentencePiece (byte_fallback)");
  }
  if ([prefix, suffix].some((affix) => typeof affix === "string" && affix !== "")) {
    throw new UnusableVocabulary("its words carry a prefix or suffix");
  }
  if (typeof dropout === "number" && dropout > 0) {
    throw new UnusableVocabulary("it drops merges by chance (dropout)");
  }
}

function composes(normalizer: unknown): boolean {
  const { normalizers, type } = fieldsOf(normalizer);
  const types = (type === "Sequence" ? listOf(normalizers).map((part) => fieldsOf(part).type) : [type]).filter(
    (part) => part !== undefined,
  );
  const unknown = types.find((part) => part !== "NFC");
  if (unknown !== undefined) {
    throw new UnusableVocabulary(`the normalizer ${unknown} is not supported`);
  }
  return types.length > 0;
}

/** What byte-level pre-tokenizers cut by unless they are told otherwise, which GPT-2 began. */
const usualPattern = String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

function patternOf(preTokenizer: unknown): string {
  const { pretokenizers, type } = fieldsOf(preTokenizer);
  const steps = (type === "Sequence" ? listOf(pretokenizers) : [preTokenizer]).map(fieldsOf);
  const patterns = steps.flatMap((step) => {
    if (step.type === "Split") {
      return [splitPattern(step)];
    }
    if (step.type !== "ByteLevel") {
      throw new UnusableVocabulary(`the pre-tokenizer ${step.type ?? "of no type"} is not supported`);
    }
    if (step.add_prefix_space === true) {
      throw new UnusableVocabulary("it puts a space before every text (add_prefix_space)");
    }
    return step.use_regex === false ? [] : [usualPattern];
  });
  const [pattern] = patterns;
  if (pattern === undefined || patterns.length > 1) {
    throw new UnusableVocabulary(`it cuts words by ${patterns.length} patterns, not one`);
  }
  if (steps.at(-1)?.type !== "ByteLevel") {
    throw new UnusableVocabulary("it has no byte-level pre-tokenizer");
  }
  return pattern;
}

/** All that the pattern finds is a word, and so is what lies between: the only kind of split that an encoder can do. */
function splitPattern({ behavior, invert, pattern }: Fields): string {
  const { Regex: expression } = fieldsOf(pattern);
  const isWords = invert === true ? behavior === "Removed" || behavior === "Isolated" : behavior === "Isolated";
  if (typeof expression !== "string" || !isWords) {
    throw new UnusableVocabulary("it cuts words in a way that is not supported");
  }
  return expression;
}

/**
 * Merges go by their order; so do ranks. A token that no merge makes counts only where whole words are looked up first
 * (`ignore_merges`), and then ranks last.
 */
function* tokensInOrder(model: Fields, specials: ReadonlySet<string>): Generator<string> {
  const seen = new Set(byteCharacters);
  yield* byteCharacters;
  for (const merge of listOf(model.merges)) {
    const token = Array.isArray(merge) ? merge.join("") : String(merge).replace(" ", "");
    if (!seen.has(token)) {
      seen.add(token);
      yield token;
    }
  }
  if (model.ignore_merges === true) {
    for (const token of Object.keys(fieldsOf(model.vocab))) {
      if (!seen.has(token) && !specials.has(token)) {
        yield token;
      }
    }
  }
}
