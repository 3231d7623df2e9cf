import { deflateSync } from "node:zlib";
import { framePng, pngChunk } from "./png.ts";

interface Solid {
  width: number;
  height: number;
  /** Red, green and blue as one number: 0xrrggbb. */
  color: number;
  /** What a text chunk of it says. */
  text?: string;
}

/** A picture of one colour; a bit for each pixel and a palette of one keep it small and quickly made. */
export function solidPng({ color, height, text = "", width }: Solid): Buffer {
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  const palette = Buffer.from([(color >> 16) & 255, (color >> 8) & 255, color & 255]);
  return framePng({ width, height, bitDepth: 1, colorType: 3 }, [
    pngChunk("PLTE", palette),
    pngChunk("tEXt", Buffer.from(`prompt\0${text}`)),
    pngChunk("IDAT", deflateSync(rows)),
  ]);
}

/** The size that a PNG's header tells; undefined where it is none. */
export function sizeOfPng(bytes: Buffer): { width: number; height: number } | undefined {
  const isPng = bytes.length > 24 && bytes.toString("latin1", 1, 4) === "PNG";
  return isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : undefined;
}
