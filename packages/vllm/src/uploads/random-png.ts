import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const bytesPerPixel = 3;
const tilePixels = 64;

/** A square picture of random colours in tiles, which no cache has seen, as a PNG file. */
export function randomPng(pixels: number): Buffer {
  const tile = randomBytes(tilePixels * tilePixels * bytesPerPixel);
  const tileRow = tilePixels * bytesPerPixel;
  const rows = Array.from({ length: pixels }, (_, row) => {
    const start = (row % tilePixels) * tileRow;
    return [noFilter, Buffer.alloc(pixels * bytesPerPixel, tile.subarray(start, start + tileRow))];
  });
  return Buffer.concat([
    signature,
    chunk("IHDR", headerOf(pixels)),
    chunk("IDAT", deflateSync(Buffer.concat(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Each row begins with the filter that it went through. */
const noFilter = Buffer.alloc(1);

function headerOf(pixels: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels, 0);
  header.writeUInt32BE(pixels, 4);
  // 8 bits a channel, red, green and blue.
  header.set([8, 2], 8);
  return header;
}

function chunk(name: string, data: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, check]);
}
