// A model server as small as can be: it draws pieces of the Mandelbrot set. It stands for whatever fills your GPU: it
// takes its time to load, writes a log, tells whether it is well, and does one thing after the other.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32, deflateSync } from "node:zlib";

const { FAIL = "", LOAD_SECONDS = "3", MODEL_LOG = "model.log", PORT = "18000" } = process.env;
const log = (line: string) => appendFileSync(MODEL_LOG, `${new Date().toISOString()} ${line}\n`);

for (const percent of [0, 25, 50, 75]) {
  log(`INFO loading weights: ${percent} %`);
  await sleep((Number(LOAD_SECONDS) * 1000) / 4);
}
if (FAIL !== "") {
  log(`FATAL ${FAIL}`);
  process.exit(1);
}
createServer(async (request, response) => {
  if (request.url === "/health") {
    response.end("well");
  } else if (request.url === "/draw") {
    const picture = draw(Object(await json(request)));
    response.writeHead(200, { "content-type": "image/png", "content-length": picture.length }).end(picture);
  } else {
    response.writeHead(404).end();
  }
}).listen(Number(PORT), "127.0.0.1", () => log("INFO model loaded"));

/** A square of `size` pixels around a point, in shades of grey: a pixel takes up to `steps` steps. */
function draw({ size, steps, x, y, zoom }: Record<"size" | "steps" | "x" | "y" | "zoom", number>): Buffer {
  const rows = Buffer.alloc(size * (size + 1));
  for (let pixel = 0; pixel < size * size; pixel += 1) {
    const [column, row] = [pixel % size, Math.floor(pixel / size)];
    const [right, down] = [x + (column / size - 0.5) / zoom, y + (row / size - 0.5) / zoom];
    let [step, real, imaginary] = [0, 0, 0];
    for (; step < steps && real * real + imaginary * imaginary < 4; step += 1) {
      const product = real * imaginary;
      real = real * real - imaginary * imaginary + right;
      imaginary = 2 * product + down;
    }
    rows[row * (size + 1) + column + 1] = 255 - Math.round((255 * step) / steps);
  }
  const head = Buffer.from([0, 0, size >> 8, size & 255, 0, 0, size >> 8, size & 255, 8, 0, 0, 0, 0]);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND")]);
}

/** A part of a PNG: its length, its name, what it holds, and a checksum. */
function chunk(name: string, content = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(name), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
