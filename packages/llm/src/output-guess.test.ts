import { expect, test } from "@jest/globals";
import { createOutputGuess } from "./output-guess.ts";

test("expects all that a limit allows until it has seen otherwise", () => {
  const guess = createOutputGuess();
  expect([16, 1000, 0].map(guess.expect)).toEqual([16, 1000, 0]);
});

test("learns what share of such limits is used", () => {
  const guess = createOutputGuess();
  for (let answer = 0; answer < 200; answer += 1) {
    guess.learn(1000, 100);
    guess.learn(16, 16);
  }
  expect(guess.expect(1000)).toBeCloseTo(100, 0);
  expect(guess.expect(600)).toBeCloseTo(60, 0);
  expect(guess.expect(16)).toBe(16);
  expect(guess.expect(4096)).toBe(4096);
});

test("learns how long answers without a limit are, from those alone", () => {
  const guess = createOutputGuess();
  expect(guess.expect(undefined)).toBe(500);
  for (let answer = 0; answer < 200; answer += 1) {
    guess.learn(undefined, 160);
    guess.learn(1000, 900);
    guess.learn(0, 0);
  }
  expect(guess.expect(undefined)).toBeCloseTo(160, 0);
});

test("takes an answer beyond its limit for one that uses all of it", () => {
  const guess = createOutputGuess();
  guess.learn(10, 1000);
  expect(guess.expect(10)).toBe(10);
});
