import { expect, test } from "@jest/globals";
import { openAiFormat } from "./answer-format.ts";
import { eventHead, eventOf, jsonHead } from "./watch.test.fixture.ts";
import { watchFailure } from "./watch-failure.ts";

function watch(head: Record<string, string>, text: string): string[] {
  const failures: string[] = [];
  const watcher = watchFailure(openAiFormat, (reason) => failures.push(reason));
  watcher.head?.(200, head);
  const bytes = Buffer.from(text);
  expect(watcher.chunk(bytes)).toBe(bytes);
  expect(watcher.end?.()).toBeUndefined();
  return failures;
}

test("hears of an error in a stream", () => {
  expect(watch(eventHead, eventOf({ choices: [] }) + eventOf({ error: { message: "died" } }))).toEqual(["died"]);
});

test("hears of none where there is none, or no stream", () => {
  expect(watch(eventHead, eventOf({ choices: [{ text: '"error"' }] }))).toEqual([]);
  expect(watch(jsonHead, JSON.stringify({ error: "an answer in one piece has a status of its own" }))).toEqual([]);
});
