import { describe, expect, test } from "@jest/globals";
import { seededRandom } from "@pyworker/testing";
import { cutAnywhere } from "./cut-anywhere.test.fixture.ts";
import { eventHead, eventOf, watch } from "./watch.test.fixture.ts";

const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
const textEvent = (text: string, more: object = {}): string =>
  eventOf({ id: "cmpl-1", choices: [{ index: 0, text }], ...more });
const usageEvent = eventOf({ id: "cmpl-1", choices: [], usage });
const done = "data: [DONE]\n\n";

describe("a stream whose client wants no usage", () => {
  test.each<[name: string, events: string[], usageAt: number]>([
    ["as vLLM sends it", [textEvent("Hello"), textEvent(" world"), usageEvent, done], 2],
    [
      "in several bytes a letter",
      [textEvent("中文"), textEvent("😀é"), eventOf({ choices: [], usage, note: "✓" }), done],
      2,
    ],
    [
      "with comments",
      [": keep-alive\n\n", textEvent("a"), ": before\nevent: message\n: between\n", usageEvent, ":\n\n", done],
      -1,
    ],
    ["with usage in the middle", [textEvent("a"), usageEvent, textEvent("b"), done], 1],
    ["that speaks of usage", [textEvent('{"usage": {"prompt_tokens": 1}}'), textEvent('"prompt_tokens"'), done], -1],
    ["with null usage in every event", [textEvent("a", { usage: null }), textEvent("b", { usage: null }), done], -1],
    ["that fails", [textEvent("a"), eventOf({ error: { message: "EngineCore died", code: 500 } }), done], -1],
    ["with an event of 200 KB", [textEvent("x".repeat(200_000)), usageEvent, done], 1],
    ["with a usage event larger than usual", [eventOf({ choices: [], usage, timings: "t".repeat(20_000) }), done], 0],
    ["that is no stream of events", ['{"error": {"message": "no"}}'], -1],
    ["that breaks off in an event", [textEvent("a"), 'data: {"choi'], -1],
    ["without an end to its usage event", [textEvent("a"), usageEvent.trimEnd()], 1],
  ])("%s: every byte but the usage event's passes, however it is cut", (_name, events, usageAt) => {
    for (const lineEnd of ["\n", "\r\n"]) {
      const spelled = events.map((event) => event.replaceAll("\n", lineEnd));
      const hasGlued = events.some((event) => event.startsWith(": before"));
      const kept = hasGlued
        ? spelled.filter((event) => !event.includes("prompt_tokens") && !event.startsWith(": before"))
        : spelled.filter((_event, index) => index !== usageAt);
      for (const { most, seed } of cuts) {
        const { output, cost } = run(spelled.join(""), { strip: true, most, seed });
        expect(output).toBe(kept.join(""));
        expect(cost).toBe(usageAt === -1 && !hasGlued ? undefined : 11);
      }
    }
  });

  test("holds nothing back but an event that has not ended", () => {
    const stream = watchStream(true);
    const first = textEvent("a");
    expect(stream.chunk(Buffer.from(first + first.slice(0, 10)))?.toString()).toBe(first);
    expect(stream.chunk(Buffer.from(first.slice(10)))?.toString()).toBe(first);
    expect(stream.chunk(Buffer.from(usageEvent))).toBeUndefined();
    expect(stream.end?.()).toBeUndefined();
  });

  test("lets an event that is too long for usage through before it ends", () => {
    const stream = watchStream(true);
    expect(stream.chunk(Buffer.from(`data: ${"x".repeat(70_000)}`))?.length).toBeGreaterThan(70_000);
  });
});

describe("a stream whose client wants usage", () => {
  test("passes untouched, each chunk at once", () => {
    const { settled, watcher: stream } = watch({ promptWeight: 1 });
    stream.head?.(200, eventHead);
    for (const chunk of cutAnywhere(Buffer.from(textEvent("a") + usageEvent + done), {
      most: 30,
      random: seededRandom(1),
    })) {
      expect(stream.chunk(chunk)).toBe(chunk);
    }
    expect(stream.end?.()).toBeUndefined();
    expect(settled.at(-1)).toBe(11);
  });

  test("tells the whole usage, not an event's share of it", () => {
    const continuous = [1, 2].map((count) => textEvent("a", { usage: { ...usage, completion_tokens: count } }));
    const whole = eventOf({ choices: [], usage: { ...usage, completion_tokens: 4 } });
    const { cost, output } = run(continuous.join("") + whole + done, { strip: false, most: 1000, seed: 1 });
    expect(cost).toBe(13);
    expect(output).toBe(continuous.join("") + whole + done);
  });

  test("tells the last usage where it comes with the text, as llama.cpp and beam search send it", () => {
    const last = textEvent("", { usage: { ...usage, prompt_tokens_details: { cached_tokens: 8 } } });
    for (const strip of [true, false]) {
      const { cost, output } = run(textEvent("a") + last + done, { strip, most: 50, seed: 3 });
      expect(cost).toBe(3);
      expect(output).toBe(textEvent("a") + last + done);
    }
  });
});

const cuts = [
  { most: 1, seed: 1 },
  { most: 7, seed: 2 },
  { most: 120, seed: 3 },
  { most: 5000, seed: 4 },
  { most: 1_000_000, seed: 5 },
];

function watchStream(strips: boolean) {
  const { watcher } = watch({ strips, promptWeight: 1 });
  watcher.head?.(200, eventHead);
  return watcher;
}

/** What a client gets of a stream, and the cost that was booked when it was told. */
function run(text: string, { most, seed, strip }: { most: number; seed: number; strip: boolean }) {
  const { settled, watcher } = watch({ strips: strip, promptWeight: 1 });
  watcher.head?.(200, eventHead);
  // Byte by byte through a long event is slow, and no network does it.
  const least = text.length > 50_000 ? 1000 : 1;
  const chunks = cutAnywhere(Buffer.from(text), { most: Math.max(most, least), random: seededRandom(seed) });
  const passed = [...chunks.map((chunk) => watcher.chunk(chunk)), watcher.end?.()];
  const output = Buffer.concat(passed.filter((bytes) => bytes !== undefined)).toString();
  return { cost: settled.at(-1), output };
}
