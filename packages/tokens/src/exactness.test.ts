import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { get_encoding } from "tiktoken";
import { corpus } from "./corpus.test.fixture.ts";
import { cutPieces } from "./pieces.ts";
import { modelFolders, referenceCounter } from "./reference.test.fixture.ts";
import { createTokenCounter } from "./token-counter.ts";

describe.each(Object.entries(modelFolders))("with %s's own tokenizer.json", (_model, path) => {
  const counter = createTokenCounter({ tokenizer: path, budgetMilliseconds: Number.POSITIVE_INFINITY });
  const expected = referenceCounter(path);

  beforeAll(() => counter.load());

  test("uses that file", () => {
    expect(counter.tokenizer).toMatchObject({ name: `${path}/tokenizer.json`, isOwn: true });
  });

  test.each(Object.keys(corpus))("counts %s as Hugging Face's tokenizer does", (name) => {
    const text = corpus[name] ?? "";
    expect(counter.count(text)).toBe(expected(text));
  });
});

describe.each(["cl100k_base", "o200k_base", "gpt2"] as const)("with %s", (tokenizer) => {
  const counter = createTokenCounter({ tokenizer, budgetMilliseconds: Number.POSITIVE_INFINITY });
  const reference = get_encoding(tokenizer);

  beforeAll(() => counter.load());
  afterAll(() => reference.free());

  test.each(Object.entries(corpus))("counts %s as tiktoken does when it gets it whole", (name, text) => {
    const expected = reference.encode(text, "all").length;
    // GPT-2 takes all of a number for one word, and this one is longer than a piece.
    const bound = tokenizer === "gpt2" && name === "one long number" ? [...cutPieces(text)].length - 1 : 0;
    expect(Math.abs(counter.count(text) - expected)).toBeLessThanOrEqual(bound);
  });

  test.each(["a".repeat(5000), " ".repeat(5000), "天地玄黃宇宙洪荒日月盈昃".repeat(300), "😀🎉".repeat(800)])(
    "is at most two tokens off for each cut in a word that is too long to be kept whole: text %#",
    (text) => {
      const expected = reference.encode_ordinary(text).length;
      const cuts = [...cutPieces(text)].length - 1;
      expect(cuts).toBeGreaterThan(5);
      expect(Math.abs(counter.count(text) - expected)).toBeLessThanOrEqual(2 * cuts);
    },
  );
});
