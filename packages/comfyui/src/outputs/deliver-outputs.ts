import { posix } from "node:path";
import { Readable } from "node:stream";
import type { ComfyHttp } from "../comfy/comfy-http.ts";
import type { OutputItem } from "../jobs/result.ts";
import { mapInLanes } from "../map-in-lanes.ts";
import type { FoundOutput } from "./collect-outputs.ts";
import { type OpenFile, openFile } from "./open-file.ts";
import type { S3Storage } from "./s3-storage.ts";
import { storageKeys } from "./storage-keys.ts";

export interface DeliveryOptions {
  comfy: Pick<ComfyHttp, "view">;
  requestId: string;
  /** ComfyUI's folder on its own machine, in which `output`, `temp` and `input` lie. */
  comfyFolder: string;
  asBase64: boolean;
  /** The most that a file may have for base64. */
  base64MaxBytes: number;
  s3: S3Storage | undefined;
  signal: AbortSignal;
}

export interface Delivery {
  items: OutputItem[];
  /** What the history lists and ComfyUI no longer has. A job that was answered from its cache may be about such files. */
  missing: FoundOutput[];
}

const filesAtOnce = 2;

/**
 * Makes of the files of a job what its answer says of them: always path and type, on demand the content as base64 and a
 * presigned URL. What goes wrong with one file is said on its item. Rejects where ComfyUI can't be reached and where
 * `signal` aborts.
 */
export async function deliverOutputs(files: readonly FoundOutput[], options: DeliveryOptions): Promise<Delivery> {
  const keys = storageKeys(files, options.requestId);
  const tasks = files.map((file, index) => ({ file, key: keys[index] ?? file.filename }));
  const items = await mapInLanes(tasks, {
    lanes: filesAtOnce,
    signal: options.signal,
    work: (task, signal) => deliver(task, { ...options, signal }),
  });
  return {
    items: items.filter((item) => item !== undefined),
    missing: files.filter((_, index) => items[index] === undefined),
  };
}

interface Task {
  file: FoundOutput;
  key: string;
}

/** Undefined where the file is gone. */
async function deliver({ file, key }: Task, options: DeliveryOptions): Promise<OutputItem | undefined> {
  const { asBase64, comfyFolder, s3, signal } = options;
  const headOnly = !asBase64 && s3 === undefined;
  const opened = await openFile(file, { comfy: options.comfy, signal, headOnly });
  if (opened === undefined) {
    return undefined;
  }
  const item: OutputItem = {
    filename: file.filename,
    local_path: posix.join(comfyFolder, file.type, file.subfolder, file.filename),
    type: file.type,
    subfolder: file.subfolder,
    node_id: file.nodeId,
    output_type: file.outputType,
    ...(opened.mimetype === undefined ? {} : { mimetype: opened.mimetype }),
  };
  const content = asBase64 ? await addContent(item, opened, options) : undefined;
  if (s3 !== undefined) {
    const body = async () => {
      if (content !== undefined) {
        return Readable.from([content]);
      }
      return asBase64 ? await openAgain(file, options) : opened.body;
    };
    await addUrl(item, { body, s3, key, signal });
  }
  opened.body.destroy();
  return item;
}

/** The content, where the item has got it. */
async function addContent(
  item: OutputItem,
  { body, size }: OpenFile,
  { base64MaxBytes, signal }: DeliveryOptions,
): Promise<Buffer | undefined> {
  try {
    const content = (size ?? 0) > base64MaxBytes ? undefined : await readAtMost(body, base64MaxBytes);
    if (content === undefined) {
      const measure = size === undefined ? "the file" : `the file's ${size} bytes`;
      item.error = `${measure} are more than the ${base64MaxBytes} that are sent as base64: ask for an upload to S3, fetch it from /view, or raise OUTPUT_BASE64_MAX_BYTES`;
      return undefined;
    }
    item.data = content.toString("base64");
    return content;
  } catch (error) {
    signal.throwIfAborted();
    item.error = `reading it from ComfyUI broke off: ${reasonOf(error)}`;
    return undefined;
  }
}

interface UrlOptions {
  body: () => Promise<Readable>;
  s3: S3Storage;
  key: string;
  signal: AbortSignal;
}

async function addUrl(item: OutputItem, { body, key, s3, signal }: UrlOptions): Promise<void> {
  try {
    item.url = await s3.upload(key, { body: await body(), contentType: item.mimetype, signal });
  } catch (error) {
    signal.throwIfAborted();
    item.upload_error = reasonOf(error);
  }
}

async function openAgain(file: FoundOutput, { comfy, signal }: DeliveryOptions): Promise<Readable> {
  const opened = await openFile(file, { comfy, signal });
  if (opened === undefined) {
    throw new Error("ComfyUI no longer has the file");
  }
  return opened.body;
}

/** Undefined where there is more. */
async function readAtMost(body: Readable, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) {
      return undefined;
    }
  }
  return Buffer.concat(chunks);
}

/** S3 names what is wrong in the error's name; a connection that fails to every address of a name has no message at all. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return error.message === "" ? code : error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
