import { isObject, type TextTask } from "@pyworker/llm";
import { estimateTokens } from "@pyworker/tokens";
import { z } from "zod";
import { randomText } from "../random-text.ts";
import { shareOf } from "../share.ts";

/** A text, the ids of its tokens, or an object that holds it, with pictures perhaps. */
type Item = string | readonly number[] | Readonly<Record<string, unknown>>;

/** What a reranker compares: one item or several. */
export const itemsSchema = z.preprocess(
  asList,
  z.array(z.custom<Item>(isItem, "expected a text, or an object with one")).min(1),
);

/** What stands on one side of the pairs. */
type Items = z.output<typeof itemsSchema>;

/** Each pair is read by itself, so one item that is compared with several is paid for as often. No output is made. */
export function readPairs(first: Items, second: Items): TextTask {
  const pairs = Math.max(first.length, second.length);
  const sides = [first, second].map((items) => ({ contents: items.map(readItem), times: pairs / items.length }));
  const contents = sides.flatMap((side) => side.contents);
  return {
    texts: contents.flatMap(({ texts }) => texts),
    otherTokens: sides.reduce((sum, side) => sum + repeatedTokens(side), 0),
    prompts: pairs,
    sequences: pairs,
    outputLimit: 0,
    maxTokens: shareOf(charactersOf(sides), charactersOfReference),
  };
}

/** One query and its documents, which no cache has seen. */
export const benchmarkPairs = (): { query: string; documents: string[] } => ({
  query: randomText(charactersOfQuery),
  documents: Array.from({ length: documentsOfReference }, () => randomText(charactersOfDocument)),
});

const charactersOfQuery = 60;
const charactersOfDocument = 250;
const documentsOfReference = 16;
const charactersOfReference = documentsOfReference * (charactersOfQuery + charactersOfDocument);
/** From 256 to 1600, by model and size. */
const tokensPerAttachment = 500;

interface Content {
  texts: readonly string[];
  /** Tokens that are known without counting, or guessed. */
  tokens: number;
  isText: boolean;
}

interface Side {
  contents: readonly Content[];
  /** How often each item is read. */
  times: number;
}

function readItem(item: Item): Content {
  if (typeof item === "string") {
    return { texts: [item], tokens: 0, isText: true };
  }
  if (!isObject(item)) {
    return { texts: [], tokens: item.length, isText: false };
  }
  const parts: readonly unknown[] = Array.isArray(item.content) ? item.content : [item];
  const texts = parts.map(textOf).filter((text) => text !== undefined);
  return { texts, tokens: tokensPerAttachment * (parts.length - texts.length), isText: false };
}

const textOf = (part: unknown): string | undefined =>
  isObject(part) && typeof part.text === "string" ? part.text : typeof part === "string" ? part : undefined;

/** The texts of a side are counted once: what they cost every further time is an estimate. */
const repeatedTokens = ({ contents, times }: Side): number =>
  contents.reduce(
    (sum, { texts, tokens }) =>
      sum + times * tokens + (times - 1) * texts.reduce((all, text) => all + estimateTokens(text), 0),
    0,
  );

const charactersOf = (sides: readonly Side[]): number =>
  sides.reduce((sum, { contents, times }) => sum + times * contents.reduce((all, item) => all + lengthOf(item), 0), 0);

/** What is no plain text, the Python worker takes for one of usual length. */
const lengthOf = ({ isText, texts }: Content): number => (isText ? (texts[0]?.length ?? 0) : charactersOfDocument);

function asList(value: unknown): unknown {
  const isOneItem = typeof value === "string" || isObject(value) || (isTokens(value) && value.length > 0);
  return isOneItem ? [value] : value;
}

const isTokens = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && id >= 0);

function isItem(value: unknown): value is Item {
  return typeof value === "string" || isObject(value) || isTokens(value);
}
