import { expect, test } from "@jest/globals";
import { safeFilename } from "./safe-filename.ts";

test.each([
  ["talk.wav", "talk.wav"],
  ["../../etc/passwd", "passwd"],
  ["C:\\Users\\me\\talk.wav", "talk.wav"],
  ["my talk (1).wav", "my_talk__1_.wav"],
  ["..hidden.wav", "hidden.wav"],
  ['a"\r\nx: y.wav', "a___x__y.wav"],
  ["/", ""],
  [`${"x".repeat(500)}.wav`, `${"x".repeat(128)}.wav`],
])("%j is %j", (name, safe) => {
  expect(safeFilename(name)).toBe(safe);
});
