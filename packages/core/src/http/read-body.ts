import type { IncomingMessage } from "node:http";
import { WorkerError } from "../errors.ts";

/** Slower than this over a whole sweep, and an upload is given up. */
const minimumBytesPerSecond = 1024;
const sweepSeconds = 5;

interface Upload {
  bytes: number;
  bytesAtLastSweep: number | undefined;
  giveUp(): void;
}

/** Reads request bodies whole. One timer watches all of them, so that slow clients cost nothing to others. */
export interface BodyReader {
  /** The body's bytes. Throws WorkerError 413 beyond `limit`, 408 when it comes too slowly; rejects when the client leaves. */
  read(request: IncomingMessage, limit: number): Promise<Buffer>;
  stop(): void;
}

export function createBodyReader(): BodyReader {
  const uploads = new Set<Upload>();
  const timer = setInterval(() => sweep(uploads), sweepSeconds * 1000);
  timer.unref();
  return {
    read: (request, limit) => readBody(request, { limit, uploads }),
    stop: () => clearInterval(timer),
  };
}

function readBody(
  request: IncomingMessage,
  { limit, uploads }: { limit: number; uploads: Set<Upload> },
): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) {
    return Promise.reject(bodyTooLarge(limit));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const upload: Upload = {
      bytes: 0,
      bytesAtLastSweep: undefined,
      giveUp: () => fail(new WorkerError("request_timeout", "the body came too slowly", closing)),
    };
    const fail = (error: Error) => {
      uploads.delete(upload);
      request.off("data", take).off("end", finish).off("close", leave);
      // What still comes is discarded, so that the answer can be sent before the connection closes.
      request.resume();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      upload.bytes += chunk.length;
      if (upload.bytes > limit) {
        fail(bodyTooLarge(limit));
      } else {
        chunks.push(chunk);
      }
    };
    const finish = () => {
      uploads.delete(upload);
      request.off("close", leave);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const leave = () => fail(new ClientLeft());
    uploads.add(upload);
    request.on("data", take).on("end", finish).on("close", leave).on("error", ignore);
  });
}

/** The client closed its connection before its request was complete: there is nobody to answer. */
export class ClientLeft extends Error {
  override readonly name = "ClientLeft";
}

const closing = { headers: { connection: "close" } };

const bodyTooLarge = (limit: number): WorkerError =>
  new WorkerError("body_too_large", `the body is larger than ${limit} bytes`, closing);

// An aborted upload emits both "error" and "close"; "close" is what is acted on.
const ignore = () => {};

function sweep(uploads: Set<Upload>): void {
  for (const upload of uploads) {
    const { bytes, bytesAtLastSweep } = upload;
    upload.bytesAtLastSweep = bytes;
    if (bytesAtLastSweep !== undefined && bytes - bytesAtLastSweep < minimumBytesPerSecond * sweepSeconds) {
      upload.giveUp();
    }
  }
}
