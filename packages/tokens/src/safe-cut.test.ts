import { expect, test } from "@jest/globals";
import { isSafeCut } from "./safe-cut.ts";

/** The text with a bar wherever it may be cut. */
const withBars = (text: string): string =>
  Array.from(text, (_, index) => `${index > 0 && isSafeCut(text, index) ? "|" : ""}${text[index]}`).join("");

test.each([
  ["one two", "one| two"],
  ["one  two", "one  two"],
  ["end. ", "end|. "],
  ["line\nnext\n\nlast", "line\n|next\n\nlast"],
  ["line\n/next", "line\n/next"],
  ["line\n  next", "line\n  next"],
  ["it's 5's", "it's| 5's"],
  ["a1b22c", "a|1|b|22|c"],
  ["(x)=5,6;", "(x|)=|5|,|6|;"],
  ["他说：“好。”", "他说|：“好|。”"],
  ["cafe\u0301, x", "cafe\u0301,| x"],
  ["x\u0085 y", "x\u0085 y"],
])("cuts %j as %j", (text, expected) => {
  expect(withBars(text)).toBe(expected);
});

test("cuts no surrogate pair", () => {
  const text = "a😀b1😀2";
  expect([2, 3, 6].filter((index) => isSafeCut(text, index))).toEqual([]);
});
