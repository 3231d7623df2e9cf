import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { collectYoungGarbage } from "./collect-young-garbage.ts";

/** The SDK, which is loaded only where something is uploaded. */
type Sdk = typeof import("@aws-sdk/client-s3");

export interface PartsOptions {
  sdk: Sdk;
  client: S3Client;
  place: { Bucket: string; Key: string };
  body: Readable;
  contentType: string | undefined;
  signal: AbortSignal;
}

/** The least that S3 takes for a part. */
const partBytes = 5 * 1024 * 1024;
/** One is filled while the other is sent. That is all that is held in memory. */
const partsAtOnce = 2;

/**
 * Uploads a body of whatever length. Its parts are filled into the same two buffers again and again: a new one for each
 * would grow old while it is sent, and what is old V8 leaves lying about for long.
 * Rejects, with nothing left behind in the bucket, where the upload fails or the body breaks off.
 */
export async function uploadInParts({ body, client, contentType, place, sdk, signal }: PartsOptions): Promise<void> {
  const described = { ...place, ...(contentType === undefined ? {} : { ContentType: contentType }) };
  const source = createFiller(body);
  const first = Buffer.allocUnsafeSlow(partBytes);
  const start = await source.fill(first);
  if (source.hasEnded()) {
    await client.send(new sdk.PutObjectCommand({ ...described, Body: start }), { abortSignal: signal });
    return;
  }
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(described), { abortSignal: signal });
  const upload = { ...place, UploadId };
  const sent: Promise<{ PartNumber: number; ETag: string | undefined }>[] = [];
  const send = (bytes: Buffer): void => {
    const part = { ...upload, PartNumber: sent.length + 1, Body: bytes };
    const sending = client
      .send(new sdk.UploadPartCommand(part), { abortSignal: signal })
      .then(({ ETag }) => ({ PartNumber: part.PartNumber, ETag }));
    // Somebody waits for it, but maybe not yet.
    sending.catch(() => {});
    sent.push(sending);
  };
  try {
    send(start);
    const buffers = [first, ...Array.from({ length: partsAtOnce - 1 }, () => Buffer.allocUnsafeSlow(partBytes))];
    while (!source.hasEnded()) {
      const buffer = buffers[sent.length % partsAtOnce] ?? first;
      // What it held before must have been sent.
      await sent[sent.length - partsAtOnce];
      send(await source.fill(buffer));
      collectYoungGarbage();
    }
    const Parts = await Promise.all(sent);
    signal.throwIfAborted();
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    await Promise.allSettled(sent);
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

interface Filler {
  /** The part of the buffer that could be filled; less than all of it at the end of the body. */
  fill(buffer: Buffer): Promise<Buffer>;
  /** Whether nothing is left to fill a buffer with. */
  hasEnded(): boolean;
}

function createFiller(body: Readable): Filler {
  const chunks: AsyncIterator<Buffer | string> = body[Symbol.asyncIterator]();
  let rest: Buffer | undefined = Buffer.alloc(0);
  /** Reads on where nothing is left of what was read. */
  const readOn = async (): Promise<void> => {
    while (rest?.length === 0) {
      const next = await chunks.next();
      rest = next.done === true ? undefined : bufferOf(next.value);
    }
  };
  return {
    fill: async (buffer) => {
      let filled = 0;
      await readOn();
      while (rest !== undefined && filled < buffer.length) {
        const taken = rest.copy(buffer, filled);
        filled += taken;
        rest = rest.subarray(taken);
        await readOn();
      }
      return buffer.subarray(0, filled);
    },
    hasEnded: () => rest === undefined,
  };
}

const bufferOf = (chunk: Buffer | string): Buffer => (typeof chunk === "string" ? Buffer.from(chunk) : chunk);
