import { crc32 } from "node:zlib";

/** The beginnings of files, as long as a detector needs them. */
export const contents = {
  jpeg: Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex"),
  gif: Buffer.from("GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000;", "latin1"),
  webp: riff("WEBP", "VP8L"),
  wav: riff("WAVE", "fmt "),
  mp4: box("ftyp", Buffer.from("isom\u0000\u0000\u0002\u0000isomiso2avc1mp41", "latin1")),
  m4a: box("ftyp", Buffer.from("M4A \u0000\u0000\u0002\u0000M4A mp42isom", "latin1")),
  webm: Buffer.concat([
    Buffer.from("1a45dfa3", "hex"),
    Buffer.from([0x8b, 0x42, 0x82, 0x84]),
    Buffer.from("webm"),
    Buffer.from([0xec, 0x81, 0]),
  ]),
  mp3: Buffer.concat([Buffer.from("fffbe0c4", "hex"), Buffer.alloc(1200)]),
  flac: Buffer.concat([Buffer.from("fLaC"), Buffer.from([0, 0, 0, 34]), Buffer.alloc(34)]),
  opus: ogg(Buffer.from("OpusHead\u0001\u0002\u0000\u0000\u0080\u00bb\u0000\u0000\u0000\u0000\u0000", "latin1")),
  vorbis: ogg(Buffer.from("\u0001vorbis\u0000\u0000\u0000\u0000\u0002", "latin1")),
  glb: Buffer.concat([Buffer.from("glTF"), Buffer.from([2, 0, 0, 0, 12, 0, 0, 0])]),
  text: Buffer.from("A cat, asleep."),
  svg: Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  /** With the workflow in it, before its picture: as ComfyUI saves them. */
  png: pngWithText(20_000),
  /** With the workflow in its tags, before its sound. */
  taggedMp3: mp3WithTags(20_000),
} as const;

function riff(form: string, chunk: string): Buffer {
  const body = Buffer.concat([Buffer.from(form), Buffer.from(chunk), Buffer.from([16, 0, 0, 0]), Buffer.alloc(16)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from("RIFF"), size, body]);
}

function box(type: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 8);
  return Buffer.concat([size, Buffer.from(type), body, Buffer.alloc(64)]);
}

function ogg(packet: Buffer): Buffer {
  const header = Buffer.alloc(28);
  header.write("OggS");
  header[5] = 2;
  header[26] = 1;
  header[27] = packet.length;
  return Buffer.concat([header, packet]);
}

function pngWithText(length: number): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    pngChunk("IHDR", header),
    pngChunk("tEXt", Buffer.alloc(length, "workflow ")),
    pngChunk("IDAT", Buffer.from("789c636000000002000148afa471", "hex")),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length);
  ends.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([ends.subarray(0, 4), typed, ends.subarray(4)]);
}

function mp3WithTags(length: number): Buffer {
  // The size has seven bits in each byte.
  const size = [21, 14, 7, 0].map((shift) => (length >> shift) & 0x7f);
  return Buffer.concat([
    Buffer.from("ID3"),
    Buffer.from([4, 0, 0, ...size]),
    Buffer.alloc(length, " "),
    Buffer.from("fffbe0c4", "hex"),
    Buffer.alloc(1200),
  ]);
}
