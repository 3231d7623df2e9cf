import { inflateSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { FilePart } from "@pyworker/core";
import { benchmarkSpeech } from "./benchmark-speech.ts";
import { randomPng } from "./random-png.ts";
import { secondsOfAudio } from "./seconds-of-audio.ts";
import { readWav } from "./wav.ts";

test("speech of any length is a clip over and over, and never the same twice", async () => {
  const [one, two] = await Promise.all([benchmarkSpeech(30), benchmarkSpeech(30)]);
  expect(secondsOfAudio(new FilePart("x.wav", one))).toBe(30);
  expect(one.readUInt32LE(4)).toBe(one.length - 8);
  expect(readWav(one)?.bytesPerSecond).toBe(32_000);
  expect(one.equals(two)).toBe(false);
  expect(one.subarray(0, -8).equals(two.subarray(0, -8))).toBe(true);
});

test("a picture is a PNG file of as many pixels as it says, and never the same twice", () => {
  const file = randomPng(100);
  expect(file.subarray(1, 4).toString()).toBe("PNG");
  expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([100, 100]);
  const size = file.readUInt32BE(33);
  expect(file.toString("latin1", 37, 41)).toBe("IDAT");
  expect(inflateSync(file.subarray(41, 41 + size))).toHaveLength(100 * (1 + 3 * 100));
  expect(randomPng(100).equals(file)).toBe(false);
});
