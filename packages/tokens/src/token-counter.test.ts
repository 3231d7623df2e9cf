import { describe, expect, test } from "@jest/globals";
import { get_encoding } from "tiktoken";
import { cutPieces } from "./pieces.ts";
import { createTokenCounter, estimateTokens } from "./token-counter.ts";

const prose = "The quick brown fox jumps over the lazy dog, and says: “naïve café”. ".repeat(40);

describe("count", () => {
  test("counts as tiktoken does, within 1 % for a text in several pieces", async () => {
    const counter = createTokenCounter();
    await counter.load();
    const exact = get_encoding("cl100k_base").encode_ordinary(prose).length;
    expect(counter.count("hello world")).toBe(2);
    expect(Math.abs(counter.count(prose) - exact) / exact).toBeLessThan(0.01);
  });

  test("takes special tokens, lone surrogates and the empty text", async () => {
    const counter = createTokenCounter();
    await counter.load();
    expect(counter.count("a <|endoftext|> b")).toBeGreaterThan(3);
    expect(counter.count("\ud800")).toBeGreaterThan(0);
    expect(counter.count("")).toBe(0);
  });

  test("extrapolates a text beyond its budget", async () => {
    const counter = createTokenCounter({ budgetMilliseconds: 0 });
    await counter.load();
    expect(counter.count("word ".repeat(100_000))).toBeGreaterThan(80_000);
  });

  test("estimates until the encoder is loaded", () => {
    expect(createTokenCounter().count("12345678")).toBe(2);
    expect(estimateTokens("中文")).toBe(2);
  });
});

describe("cutPieces", () => {
  test.each([
    "a".repeat(100_000),
    " ".repeat(5000),
    prose,
    "中".repeat(3000),
    "😀".repeat(1000),
    `x${"😀".repeat(1000)}`,
    "\n".repeat(2000),
    "",
  ])("cuts text %# into short pieces that make it whole again", (text) => {
    const pieces = [...cutPieces(text)];
    expect(pieces.join("")).toBe(text);
    expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(512);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  });
});
