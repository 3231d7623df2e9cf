import { setImmediate as nextTurn } from "node:timers/promises";
import { estimateTokens } from "./estimate-tokens.ts";
import { createSpecialFinder, type SpecialFinder } from "./special-tokens.ts";
import { UnusableVocabulary, type Vocabulary } from "./vocabulary.ts";

/** Counts the tokens of short texts, and never throws. */
export interface Encoder {
  /** Tokens in a piece that holds no special token. */
  count(piece: string): number;
  readonly specials: SpecialFinder;
}

/** The build without vocabularies of its own takes half the memory. The encoder lives as long as the process: tiktoken leaks. */
export async function createEncoder({ isComposed, pattern, ranks, specials }: Vocabulary): Promise<Encoder> {
  const { Tiktoken } = await import("tiktoken/lite");
  const tiktoken = construct(() => new Tiktoken(ranks, {}, pattern));
  await nextTurn();
  const prepare = isComposed ? (text: string): string => text.normalize("NFC") : (text: string): string => text;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const text of warmUps) {
    const prepared = prepare(text);
    // What a pattern doesn't match is left out without a word.
    if (decoder.decode(tiktoken.decode(tiktoken.encode_ordinary(prepared))) !== prepared) {
      throw new UnusableVocabulary(`its pattern leaves out parts of ${JSON.stringify(text.slice(0, 20))}`);
    }
  }
  return {
    count: (piece) => {
      try {
        return tiktoken.encode_ordinary(prepare(piece)).length;
      } catch {
        return estimateTokens(piece);
      }
    },
    specials: createSpecialFinder(specials),
  };
}

function construct<Instance>(make: () => Instance): Instance {
  try {
    return make();
  } catch (error) {
    throw new UnusableVocabulary(`tiktoken doesn't take its pattern or its tokens (${error})`);
  }
}

/** The first texts of a kind take twenty times as long as later ones: they are these. */
const warmUps = [
  "The quick brown fox, 42 times.\n\t",
  "中文字符、",
  "日本語の文。",
  "مرحبا بالعالم ",
  "नमस्ते दुनिया ",
  "สวัสดีชาวโลก",
  "a",
  " ",
  "\n",
  "😀é👩‍🚀",
  "0f/+",
  "\u0000\u0007\ufeff",
].flatMap((text) => [text.repeat(100).slice(0, 168).toWellFormed(), text.repeat(100).slice(0, 168).toWellFormed()]);
