import { describe, expect, test } from "@jest/globals";
import { FilePart } from "@pyworker/core";
import { secondsOfAudio } from "./seconds-of-audio.ts";
import { wavFile } from "./wav.test.fixture.ts";

const samples = Buffer.alloc(250);
const secondsOf = (bytes: Buffer, name = "x.wav"): number => secondsOfAudio(new FilePart(name, bytes));

describe("the length of a WAV file", () => {
  test.each([
    ["what its header says", wavFile({ samples })],
    ["what is there, where the header doesn't know", wavFile({ samples, size: 0 })],
    ["what is there, where the header promises more", wavFile({ samples, size: 0xffffffff })],
    [
      "told behind other chunks, of odd sizes too",
      wavFile({ samples, chunks: Buffer.from("LIST\x03\0\0\0abc\0", "latin1") }),
    ],
  ])("is %s", (_name, file) => {
    expect(secondsOf(file)).toBe(2.5);
    expect(secondsOf(file, "x.mp3")).toBe(2.5);
  });

  test.each([
    ["without a rate", wavFile({ samples, bytesPerSecond: 0 })],
    ["without samples", wavFile({ samples: Buffer.alloc(0) })],
    ["cut short", wavFile({ samples }).subarray(0, 30)],
    ["of other bytes", Buffer.alloc(100, 1)],
  ])("is a guess for one %s", (_name, file) => {
    expect(secondsOf(file)).toBe(file.length / 32_000);
  });

  test("is found in a header of a million chunks without going through them", () => {
    const chunks = Buffer.alloc(8 * 1_000_000, Buffer.from("JUNK\0\0\0\0", "latin1"));
    expect(secondsOf(wavFile({ samples, chunks }))).toBeGreaterThan(200);
  });
});

test.each([
  ["x.flac", 10],
  ["x.OGG", 15],
  ["x.webm", 15],
  ["x.mp3", 7.5],
  ["x", 7.5],
])("%s of 120 000 bytes is %d seconds long", (name, seconds) => {
  expect(secondsOf(Buffer.alloc(120_000), name)).toBe(seconds);
});
