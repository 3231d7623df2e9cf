import type { FilePart } from "@pyworker/core";
import { extensionOf } from "./file-types.ts";
import { readWav } from "./wav.ts";

/** Bytes of a second, as recordings usually are. */
const usualBytesPerSecond: Readonly<Record<string, number>> = { wav: 32_000, flac: 12_000, ogg: 8000, webm: 8000 };
const bytesPerSecondOfOthers = 16_000;

/** How long a recording is: exact for WAV, a guess by its size for what is compressed. */
export function secondsOfAudio({ bytes, filename }: FilePart): number {
  const wav = readWav(bytes);
  return wav === undefined
    ? bytes.length / (usualBytesPerSecond[extensionOf(filename)] ?? bytesPerSecondOfOthers)
    : wav.samples.length / wav.bytesPerSecond;
}
