import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A grey picture, whatever its size a small file. */
export function greyPng(width: number, height: number): Buffer {
  const row = Buffer.alloc(width + 1, 0x80);
  // Each row begins with its filter: none.
  row[0] = 0;
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return framePng({ width, height, bitDepth: 8, colorType: 0 }, [pngChunk("IDAT", deflateSync(rows))]);
}

interface PngHeader {
  width: number;
  height: number;
  bitDepth: number;
  colorType: number;
}

/** A PNG of its header and these chunks. */
export function framePng({ bitDepth, colorType, height, width }: PngHeader, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colorType, 0, 0, 0], 8);
  return Buffer.concat([signature, pngChunk("IHDR", header), ...chunks, pngChunk("IEND")]);
}

export function pngChunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}
