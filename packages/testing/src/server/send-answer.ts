import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "./exchange.ts";
import type { ChunkFate } from "./faults.ts";

interface WholeAnswer {
  /** JSON, or the bytes of something else. */
  body: object | Buffer;
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
  /** How much it has generated, one after the other. */
  tokens?: number;
}

/** Sends an answer in one piece, after the time that its tokens take. */
export async function sendWhole(
  { response, settings }: Exchange,
  { body, contentType = "application/json", headers = {}, tokens = 0 }: WholeAnswer,
): Promise<void> {
  await sleep(settings.msPerToken * tokens);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(200, { "content-type": contentType, "content-length": bytes.length, ...headers });
  if (settings.faults.current.dieAfterChunks === undefined) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length / 2));
  await new Promise(setImmediate);
  response.destroy();
}

/** Something in a stream that the model has generated. */
export interface Chunk {
  text: string;
  /** The tokens after which the next may come. */
  tokens: number;
}

interface EventStream {
  /** What comes before anything is generated. */
  head?: readonly string[];
  chunks: Iterable<Chunk>;
  tail?: readonly string[];
  /** The end of a stream whose engine has failed. */
  failure: string;
  headers?: Readonly<Record<string, string>>;
}

/** Sends a stream; tells whether it came to its end. */
export async function sendStream(
  { response, settings }: Exchange,
  { chunks, failure, head = [], headers = {}, tail = [] }: EventStream,
): Promise<ChunkFate> {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...headers });
  for (const text of head) {
    response.write(text);
  }
  let index = 0;
  for (const { text, tokens } of chunks) {
    if (response.destroyed) {
      return "dead";
    }
    const fate = await settings.faults.applyToChunk(index, response);
    if (fate === "error") {
      response.end(failure);
    }
    if (fate !== "send") {
      return fate;
    }
    response.write(text);
    if (settings.msPerToken > 0 && tokens > 0) {
      await sleep(settings.msPerToken * tokens);
    }
    index += 1;
  }
  for (const text of tail) {
    response.write(text);
  }
  response.end();
  return "send";
}

export const dataEvent = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** An event with its name, as Anthropic's and the responses' streams have. */
export const namedEvent = (value: { type: string; [field: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
