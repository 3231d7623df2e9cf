import type { Dispatcher } from "undici";
import { FetchError } from "./fetch-error.ts";

export interface BodyLimits {
  /** The most bytes a body may have. */
  maxBytes: number;
  /** The body is of no interest and not read. Default false. */
  discardBody?: boolean | undefined;
}

/** A response's body, as long as it is no longer than allowed. Throws FetchError `too_large`, or `refused` where it is packed. */
export async function readBody(
  { body, headers }: Dispatcher.ResponseData,
  { discardBody = false, maxBytes }: BodyLimits,
): Promise<Buffer> {
  if (discardBody) {
    body.destroy();
    return Buffer.alloc(0);
  }
  try {
    const encoding = headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") {
      throw new FetchError("refused", `the answer comes as ${encoding}, though it was asked for unpacked`);
    }
    if (Number(headers["content-length"] ?? 0) > maxBytes) {
      throw tooLarge(maxBytes);
    }
    return await collect(body, maxBytes);
  } finally {
    body.destroy();
  }
}

async function collect(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      throw tooLarge(maxBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const tooLarge = (maxBytes: number): FetchError =>
  new FetchError("too_large", `it is larger than ${maxBytes} bytes, the most that is allowed`);
