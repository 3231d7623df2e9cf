import { animatedWebpSample, flacSample, mp3Sample, mp4Sample, opusSample, webmSample, webpSample } from "./samples.ts";

export type SampleKind = "mp4" | "webm" | "flac" | "mp3" | "opus" | "webp" | "animatedWebp";

/** A small file that holds some words where its kind has room for them, so that two of different words differ. */
export function signedSample(kind: SampleKind, words: string): Buffer {
  const text = Buffer.from(words);
  switch (kind) {
    case "mp4":
      return Buffer.concat([mp4Sample, box("free", text)]);
    case "webm":
      // A Void element, its length in eight bytes.
      return Buffer.concat([webmSample, Buffer.from([0xec, 0x01, 0, 0, 0]), uint32(text.length), text]);
    case "flac":
      return signedFlac(text);
    case "mp3":
      return Buffer.concat([mp3Sample, id3v1(words)]);
    case "opus":
      // What follows the last page, players skip.
      return Buffer.concat([opusSample, text]);
    case "webp":
      return signedRiff(webpSample, text);
    case "animatedWebp":
      return signedRiff(animatedWebpSample, text);
  }
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A box of MP4: length with its head, type, data. */
const box = (type: string, data: Buffer): Buffer => Buffer.concat([uint32(data.length + 8), Buffer.from(type), data]);

/** After the first block of a FLAC, whose length is fixed, comes one for applications. */
function signedFlac(text: Buffer): Buffer {
  const firstBlockEnd = 4 + 4 + 34;
  const applicationBlock = Buffer.concat([uint32((2 << 24) | (text.length + 4)), Buffer.from("pywk"), text]);
  return Buffer.concat([flacSample.subarray(0, firstBlockEnd), applicationBlock, flacSample.subarray(firstBlockEnd)]);
}

/** The 128 bytes that tell of an MP3; its title is 30 of them. */
function id3v1(title: string): Buffer {
  const tag = Buffer.alloc(128);
  tag.write("TAG");
  tag.write(title, 3, 30, "latin1");
  return tag;
}

/** A chunk more at the end, padded to an even length. */
function signedRiff(riff: Buffer, text: Buffer): Buffer {
  const head = Buffer.from("PYWK\0\0\0\0");
  head.writeUInt32LE(text.length, 4);
  const signed = Buffer.concat([riff, head, text, Buffer.alloc(text.length % 2)]);
  signed.writeUInt32LE(signed.length - 8, 4);
  return signed;
}
