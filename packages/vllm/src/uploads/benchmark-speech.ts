import { randomFillSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readWav } from "./wav.ts";

const clip = new URL("../../assets/benchmark-speech.wav", import.meta.url);
const bytesThatDiffer = 8;

/**
 * A WAV file of so many seconds of speech: a clip, over and over. It must be speech, since a decoder has nothing to do
 * with noise, and the last samples are random, since a cache would know the same file again.
 */
export async function benchmarkSpeech(seconds: number): Promise<Buffer> {
  const file = await readFile(clip);
  const wav = readWav(file);
  if (wav === undefined) {
    throw new Error(`${clip.pathname} is no WAV file`);
  }
  const size = Math.floor(seconds * wav.bytesPerSecond);
  const samples = Buffer.alloc(size, wav.samples);
  randomFillSync(samples, size - bytesThatDiffer);
  const header = Buffer.from(file.subarray(0, wav.samples.byteOffset - file.byteOffset));
  header.writeUInt32LE(header.length + size - riffHeadBytes, sizeOfFileAt);
  header.writeUInt32LE(size, header.length - sizeFieldBytes);
  return Buffer.concat([header, samples]);
}

/** The size of a RIFF file leaves out the name and the size themselves. */
const riffHeadBytes = 8;
const sizeOfFileAt = 4;
const sizeFieldBytes = 4;
