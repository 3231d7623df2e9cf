import { Readable } from "node:stream";
import type { ComfyFile, ComfyHttp } from "../comfy/comfy-http.ts";
import { JobError } from "../jobs/job-error.ts";
import { contentTypeOf, headBytes } from "./content-type.ts";

/** A file of ComfyUI's, of which no more than its beginning has been read. */
export interface OpenFile {
  /** By its content. */
  mimetype: string | undefined;
  /** In bytes, where ComfyUI says. */
  size: number | undefined;
  /** All of it, from the first byte on. Must be read to its end or destroyed. */
  body: Readable;
}

interface Opening {
  comfy: Pick<ComfyHttp, "view">;
  signal: AbortSignal;
  /** Whether its type is all that is asked for: then no more than that is fetched. */
  headOnly?: boolean;
}

/** Undefined where ComfyUI has no such file any more. */
export async function openFile(
  file: ComfyFile,
  { comfy, headOnly = false, signal }: Opening,
): Promise<OpenFile | undefined> {
  const viewed = await comfy.view(file, signal, headOnly ? { firstBytes: headBytes } : {});
  if (viewed === undefined) {
    return undefined;
  }
  const chunks: AsyncIterator<Buffer> = viewed.body[Symbol.asyncIterator]();
  const head = await readHead(chunks).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new JobError(
      { type: "comfyui_unreachable", message: `ComfyUI broke off sending ${file.filename}: ${String(error)}` },
      { cause: error },
    );
  });
  return {
    mimetype: await contentTypeOf({ head, declared: viewed.contentType, filename: file.filename }),
    size: viewed.size,
    body: joined({ head, chunks, source: viewed.body }),
  };
}

async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  // Reads on at the limit: a connection serves again only after an answer has been seen to end.
  while (size <= headBytes) {
    const next = await chunks.next();
    if (next.done === true) {
      break;
    }
    read.push(next.value);
    size += next.value.length;
  }
  return Buffer.concat(read);
}

interface Parts {
  head: Buffer;
  chunks: AsyncIterator<Buffer>;
  source: Readable;
}

/** One stream of a beginning that has been read and of what follows it. */
function joined({ chunks, head, source }: Parts): Readable {
  let unsent: Buffer | undefined = head;
  return new Readable({
    async read() {
      if (unsent !== undefined && unsent.length > 0) {
        const first = unsent;
        unsent = undefined;
        this.push(first);
        return;
      }
      try {
        const next = await chunks.next();
        this.push(next.done === true ? null : next.value);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    },
    destroy(error, callback) {
      source.destroy();
      callback(error);
    },
  });
}
