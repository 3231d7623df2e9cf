import { describe, expect, test } from "@jest/globals";
import { cutBlocks, cutPieces } from "./pieces.ts";
import { createSpecialFinder, noSpecials } from "./special-tokens.ts";

const prose = "The quick brown fox jumps over the lazy dog, and says: “naïve café”. ".repeat(40);

describe("cutPieces", () => {
  test.each([
    "a".repeat(100_000),
    " ".repeat(5000),
    prose,
    "中".repeat(3000),
    `${"中".repeat(500)} ${"x".repeat(600)}`,
    "😀".repeat(1000),
    `x${"😀".repeat(1000)}`,
    "\n".repeat(2000),
    "short",
  ])("cuts text %# into short pieces that make it whole again", (text) => {
    const pieces = textsOf(text, cutPieces(text));
    expect(pieces.join("")).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(510);
    expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(765);
    expect(pieces.every((piece) => piece !== "" && piece.isWellFormed())).toBe(true);
  });

  test("cuts before white space where there is some", () => {
    const pieces = textsOf(prose, cutPieces(prose));
    expect(pieces.slice(1).every((piece) => piece.startsWith(" "))).toBe(true);
  });

  test("makes no piece of the empty text", () => {
    expect([...cutPieces("")]).toEqual([]);
  });

  test("makes a piece of each special token, and of what lies between", () => {
    const text = `${"x".repeat(505)}<|stop|><|stop|more|>${"y".repeat(505)}<|st`;
    const pieces = [...cutPieces(text, createSpecialFinder(["<|stop|>", "<|stop|more|>"]))];
    expect(pieces.filter(({ isSpecial }) => isSpecial).map(({ end, start }) => text.slice(start, end))).toEqual([
      "<|stop|>",
      "<|stop|more|>",
    ]);
    expect(textsOf(text, pieces).join("")).toBe(text);
  });
});

describe("cutBlocks", () => {
  const specials = createSpecialFinder(["<|stop|>"]);

  test.each([prose.repeat(10), "<|stop|>".repeat(2000), "a".repeat(20_000), `${"b".repeat(1020)}<|stop|>`.repeat(9)])(
    "cuts text %# into blocks that make it whole again, none of them within a special token",
    (text) => {
      const blocks = textsOf(text, cutBlocks(text, specials, 1024));
      expect(blocks.join("")).toBe(text);
      expect(blocks.length).toBeGreaterThan(8);
      expect(blocks.join("\n").split("<|stop|>").length).toBe(text.split("<|stop|>").length);
    },
  );

  test("makes one block of a short text", () => {
    expect(cutBlocks("short", noSpecials, 1024)).toEqual([{ start: 0, end: 5 }]);
  });
});

const textsOf = (text: string, spans: Iterable<{ start: number; end: number }>): string[] =>
  [...spans].map(({ end, start }) => text.slice(start, end));
