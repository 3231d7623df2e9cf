import { Readable } from "node:stream";
import { parseJson, stringifyJson } from "@pyworker/core";
import { Agent, FormData, fetch, request } from "undici";
import { JobError } from "../jobs/job-error.ts";

/** Names a file in one of ComfyUI's folders. */
export interface ComfyFile {
  filename: string;
  subfolder: string;
  /** `output`, `temp` or `input`. */
  type: string;
}

/** A file as `/view` sends it. */
export interface ViewedFile {
  contentType: string | undefined;
  /** Of what is sent, in bytes; undefined where ComfyUI doesn't say. */
  size: number | undefined;
  /** Must be read to its end or destroyed. */
  body: Readable;
}

export interface ViewOptions {
  /** How many of the file's first bytes are wanted. Default: all. */
  firstBytes?: number;
}

/** An answer with its JSON, parsed; undefined where it is none. */
export interface JsonAnswer {
  status: number;
  body: unknown;
}

/** ComfyUI's HTTP routes, on a pool of connections of their own. All reject with a JobError where it can't be reached. */
export interface ComfyHttp {
  readonly url: string;
  get(path: string, signal?: AbortSignal): Promise<JsonAnswer>;
  post(path: string, body: unknown, signal?: AbortSignal): Promise<JsonAnswer>;
  /** Undefined where there is no such file (any more). */
  view(file: ComfyFile, signal?: AbortSignal, options?: ViewOptions): Promise<ViewedFile | undefined>;
  /** Uploads to ComfyUI's input folder; returns the name by which a workflow refers to the file. */
  upload(file: { name: string; content: Blob }, signal?: AbortSignal): Promise<string>;
  stop(): Promise<void>;
}

const timeoutMilliseconds = 30_000;

export function createComfyHttp(url: string): ComfyHttp {
  const agent = new Agent({
    keepAliveTimeout: 4000,
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
  });
  const ask = async (path: string, { body, method, signal }: Question): Promise<JsonAnswer> => {
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    return reaching(url, signal, async () => {
      const answer = await request(url + path, {
        dispatcher: agent,
        method,
        headers,
        body: body === undefined ? null : stringifyJson(body),
        signal: signal ?? null,
      });
      return { status: answer.statusCode, body: readJson(await answer.body.text()) };
    });
  };
  return {
    url,
    get: (path, signal) => ask(path, { method: "GET", signal }),
    post: (path, body, signal) => ask(path, { method: "POST", body, signal }),
    view: ({ filename, subfolder, type }, signal, { firstBytes } = {}) =>
      reaching(url, signal, async () => {
        const query = new URLSearchParams({ filename, subfolder, type });
        const { body, headers, statusCode } = await request(`${url}/view?${query}`, {
          dispatcher: agent,
          headers: firstBytes === undefined ? {} : { range: `bytes=0-${firstBytes - 1}` },
          signal: signal ?? null,
        });
        if (statusCode === 416) {
          // An empty file has no first bytes.
          await body.dump();
          return { contentType: undefined, size: 0, body: Readable.from([]) };
        }
        if (statusCode !== 200 && statusCode !== 206) {
          await body.dump();
          return noFile(statusCode);
        }
        // Destroyed before its end, it would otherwise end the process.
        body.on("error", () => {});
        return { contentType: textOf(headers["content-type"]), size: sizeOf(headers["content-length"]), body };
      }),
    upload: ({ content, name }, signal) =>
      reaching(url, signal, async () => {
        const form = new FormData();
        form.set("image", content, name);
        form.set("type", "input");
        const answer = await fetch(`${url}/upload/image`, {
          dispatcher: agent,
          method: "POST",
          body: form,
          signal: signal ?? null,
        });
        return nameOf(answer.status, await answer.text());
      }),
    stop: () => agent.destroy(),
  };
}

/** ComfyUI refuses names that lead out of its folders, and knows no others that are gone. */
function noFile(status: number): undefined {
  if (status >= 500) {
    throw new JobError({ type: "comfyui_unreachable", message: `ComfyUI answered ${status} to /view` });
  }
}

interface Question {
  method: "GET" | "POST";
  body?: unknown;
  signal: AbortSignal | undefined;
}

/** Runs one exchange with ComfyUI; what goes wrong with the connection is a fault of the job that needed it. */
async function reaching<Value>(
  url: string,
  signal: AbortSignal | undefined,
  ask: () => Promise<Value>,
): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (signal?.aborted || error instanceof JobError) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new JobError(
      { type: "comfyui_unreachable", message: `cannot connect to ComfyUI at ${url}: ${reason}` },
      { cause: error },
    );
  }
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function nameOf(status: number, text: string): string {
  const body = readJson(text);
  if (
    status !== 200 ||
    typeof body !== "object" ||
    body === null ||
    !("name" in body) ||
    typeof body.name !== "string"
  ) {
    throw new JobError({ type: "invalid_input", message: `ComfyUI refused the upload with status ${status}` });
  }
  const subfolder = "subfolder" in body && typeof body.subfolder === "string" ? body.subfolder : "";
  return subfolder === "" ? body.name : `${subfolder}/${body.name}`;
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === "string" ? header : undefined;

const sizeOf = (header: string | string[] | undefined): number | undefined =>
  typeof header === "string" && /^\d+$/.test(header) ? Number(header) : undefined;
