import { describe, expect, test } from "@jest/globals";
import { cutPieces } from "./pieces.ts";

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
    const pieces = [...cutPieces(text)];
    expect(pieces.join("")).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(512);
    expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(768);
    expect(pieces.every((piece) => piece !== "" && piece.isWellFormed())).toBe(true);
  });

  test("cuts before white space where there is some", () => {
    const pieces = [...cutPieces(prose)];
    expect(pieces.slice(1).every((piece) => piece.startsWith(" "))).toBe(true);
  });

  test("makes no piece of the empty text", () => {
    expect([...cutPieces("")]).toEqual([]);
  });
});
