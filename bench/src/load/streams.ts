import type { Socket } from "node:net";
import { connectTo, type RawRequest, requestBytes } from "./raw-request.ts";

const lastChunk = Buffer.from("0\r\n\r\n");
const success = "HTTP/1.1 200";

/**
 * Opens streams at once and reads them to their end; resolves to the number of events and the seconds they took. What came
 * is looked at afterwards: a client that takes longer over an event than the proxy would be what is measured.
 */
export async function readStreams(
  url: string,
  { streams, ...request }: RawRequest & { streams: number },
): Promise<{ events: number; seconds: number }> {
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: streams }, () => readStream(url, request)));
  const seconds = (performance.now() - startedAt) / 1000;
  return { events: answers.map(countEvents).reduce((sum, count) => sum + count, 0), seconds };
}

function readStream(url: string, request: RawRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const fail = () => {
      reject(new Error(`${url}${request.path}: not a whole stream: ${Buffer.concat(chunks).toString("utf8", 0, 300)}`));
    };
    const socket = openStream(url, request);
    socket.on("data", (chunk) => {
      if (chunks.push(chunk) === 1 && !chunk.toString("latin1", 0, success.length).startsWith(success)) {
        fail();
        socket.destroy();
      }
      const end = chunk.length >= lastChunk.length ? chunk : Buffer.concat(chunks.slice(-lastChunk.length));
      if (end.subarray(-lastChunk.length).equals(lastChunk)) {
        resolve(Buffer.concat(chunks));
        socket.destroy();
      }
    });
    socket.once("error", reject).once("close", fail);
  });
}

/** Sends a request and leaves the answer to the socket's listeners. */
export function openStream(url: string, request: RawRequest): Socket {
  const socket = connectTo(url);
  socket.write(requestBytes(url, request));
  return socket;
}

const countEvents = (answer: Buffer): number => readChunked(answer).toString("latin1").split("\n\n").length - 1;

/** The body of a chunked answer. A proxy may cut it into other chunks than it got. */
function readChunked(answer: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = answer.indexOf("\r\n\r\n") + 4;
  while (at < answer.length) {
    const start = answer.indexOf("\r\n", at) + 2;
    const size = Number.parseInt(answer.toString("latin1", at, start), 16);
    parts.push(answer.subarray(start, start + size));
    at = start + size + 2;
  }
  return Buffer.concat(parts);
}
