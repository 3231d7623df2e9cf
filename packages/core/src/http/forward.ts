import type { IncomingMessage, ServerResponse } from "node:http";
import { WorkerError } from "../errors.ts";
import type { PreparedRequest, ResponseWatcher } from "../handler.ts";
import { stringifyJson } from "../json.ts";
import { encodeMultipart, Multipart } from "../multipart.ts";
import type { ModelResponse } from "../responses.ts";
import { invalidRequest } from "./envelope.ts";
import { clientResponseHeaders, type HeaderFields, modelRequestHeaders } from "./headers.ts";
import type { WorkResult } from "./job.ts";
import type { ModelClient, ModelResponseSink } from "./model-client.ts";
import { sendResponse } from "./send-response.ts";

export interface ForwardTarget {
  model: ModelClient;
  path: string;
  modelApiKey: string | undefined;
}

export interface ForwardedRequest {
  prepared: PreparedRequest;
  payloadBytes: Buffer;
  payloadType: string;
  workload: number;
  settle(workload: number): void;
  remaining(workload: number): void;
  signal: AbortSignal;
}

/**
 * Sends a payload to the model server and its answer to the client. Throws WorkerError 502 where the model server
 * could not be reached; once the answer has begun, a break destroys the client's connection instead.
 */
export async function forward(
  { model, path, modelApiKey }: ForwardTarget,
  { prepared, payloadBytes, payloadType, workload, settle, remaining, signal }: ForwardedRequest,
  client: { request: IncomingMessage; response: ServerResponse },
): Promise<WorkResult> {
  const { request, response } = client;
  const headers = modelRequestHeaders(request.headers, modelApiKey);
  headers["content-type"] = payloadType;
  const body = (await encodeBody(prepared, headers)) ?? payloadBytes;
  let failure: string | undefined;
  const fail = (reason: string) => {
    failure ??= reason;
  };
  const watcher = prepared.watch({ workload, settle, remaining, fail, signal });
  const { respond } = prepared;
  const sink = respond ? new CollectingSink(watcher) : new StreamingSink(response, watcher);
  try {
    await model.post({ path, headers, body, signal }, sink);
  } catch (error) {
    if (signal.aborted) {
      throw error;
    }
    if (response.headersSent) {
      response.destroy();
      return { outcome: "Error", status: sink.status };
    }
    throw unreachable(error);
  }
  if (respond && sink instanceof CollectingSink) {
    return resultOf(sendResponse(response, await respond(sink.response())), failure);
  }
  return resultOf(sink.status, failure);
}

/** The body that the handler makes for the model server, whose type goes into `headers`; undefined where it makes none. */
export async function encodeBody(
  prepared: PreparedRequest,
  headers: HeaderFields,
): Promise<Buffer | string | undefined> {
  const transformed = prepared.transform();
  const changed = transformed instanceof Promise ? await transformed : transformed;
  if (changed === undefined) {
    return undefined;
  }
  if (changed instanceof Multipart) {
    const { body, contentType } = await encodeMultipart(changed);
    headers["content-type"] = contentType;
    return body;
  }
  headers["content-type"] = "application/json";
  return serialise(changed);
}

/** What parses may still nest too deeply to be written again. */
function serialise(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch (error) {
    if (error instanceof RangeError) {
      throw invalidRequest({ payload: { "": "nested too deeply" } });
    }
    throw error;
  }
}

const resultOf = (status: number, failure: string | undefined): WorkResult =>
  failure === undefined
    ? { outcome: status < 400 ? "Success" : "Error", status }
    : { outcome: "Error", status, reason: failure };

/** The 502 of a model server that refused, or broke off before its first byte. */
export const unreachable = (error: unknown): WorkerError => {
  const reason = error instanceof Error ? error.message : String(error);
  return new WorkerError("model_unreachable", `the model server did not answer: ${reason}`, { cause: error });
};

/** Passes the answer on as it comes, at the pace the client takes it. */
class StreamingSink implements ModelResponseSink {
  status = 0;
  readonly #response: ServerResponse;
  readonly #watcher: ResponseWatcher | undefined;

  constructor(response: ServerResponse, watcher: ResponseWatcher | undefined) {
    this.#response = response;
    this.#watcher = watcher;
  }

  head(status: number, modelHeaders: ModelResponse["headers"]): void {
    this.status = status;
    const headers = clientResponseHeaders(modelHeaders);
    this.#watcher?.head?.(status, modelHeaders);
    if (this.#watcher?.rewrites) {
      delete headers["content-length"];
    }
    this.#response.writeHead(status, headers);
    this.#flushHeadOfStream(headers);
  }

  data(chunk: Buffer, resume: () => void): boolean {
    const bytes = this.#watcher ? this.#watcher.chunk(chunk) : chunk;
    if (bytes === undefined || this.#response.write(bytes)) {
      return true;
    }
    this.#response.once("drain", resume);
    return false;
  }

  end(): void {
    const rest = this.#watcher?.end?.();
    this.#response.end(rest);
  }

  /** A stream's head must not wait for its first event; any other head goes out together with the body. */
  #flushHeadOfStream(headers: HeaderFields): void {
    if (headers["content-length"] === undefined) {
      this.#response.flushHeaders();
    }
  }
}

/** Keeps the whole answer, for `respond`. */
class CollectingSink implements ModelResponseSink {
  status = 0;
  #headers: ModelResponse["headers"] = {};
  readonly #chunks: Buffer[] = [];
  readonly #watcher: ResponseWatcher | undefined;

  constructor(watcher: ResponseWatcher | undefined) {
    this.#watcher = watcher;
  }

  head(status: number, headers: ModelResponse["headers"]): void {
    this.status = status;
    this.#headers = headers;
    this.#watcher?.head?.(status, headers);
  }

  data(chunk: Buffer): boolean {
    this.#keep(this.#watcher ? this.#watcher.chunk(chunk) : chunk);
    return true;
  }

  end(): void {
    this.#keep(this.#watcher?.end?.());
  }

  response(): ModelResponse {
    return { status: this.status, headers: this.#headers, body: Buffer.concat(this.#chunks) };
  }

  #keep(bytes: Buffer | undefined): void {
    if (bytes !== undefined) {
      this.#chunks.push(bytes);
    }
  }
}
