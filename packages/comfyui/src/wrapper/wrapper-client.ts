import { stringifyJson } from "@pyworker/core";
import { Agent, request } from "undici";
import { isRecord } from "../is-record.ts";
import { JobError } from "../jobs/job-error.ts";
import type { JobProgress } from "../jobs/progress.ts";
import { followStream } from "./follow-stream.ts";
import { parseOrUndefined, readAnswer, type WrapperAnswer } from "./wrapper-answer.ts";

export interface GenerateOptions {
  /** The job's id. It goes to the wrapper in place of any that the input has. */
  id: string;
  signal: AbortSignal;
  /** Sent along: `X-Return-Outputs-As-Base64`, `X-Include-ComfyUI-Response`. */
  headers?: Readonly<Record<string, string>>;
}

export interface StreamOptions extends GenerateOptions {
  onProgress(progress: JobProgress): void;
}

/**
 * ComfyUI's API wrapper. All of it rejects with a JobError where the wrapper can't be reached, and with the signal's
 * reason where that aborts.
 */
export interface WrapperClient {
  readonly url: string;
  /** `POST /generate/sync`, however long it takes. A job that nobody waits for any more is cancelled. */
  generate(input: Readonly<Record<string, unknown>>, options: GenerateOptions): Promise<WrapperAnswer>;
  /** `POST /generate/stream`: tells how the job gets on; resolves to its result with the status that it would have had. */
  stream(input: Readonly<Record<string, unknown>>, options: StreamOptions): Promise<WrapperAnswer>;
  /** `GET /result/{id}`. */
  result(id: string, signal?: AbortSignal): Promise<WrapperAnswer>;
  /** `POST /cancel/{id}`. */
  cancel(id: string): Promise<WrapperAnswer>;
  /** Whether `GET /health` answers 200 and says so. */
  isHealthy(signal?: AbortSignal): Promise<boolean>;
  stop(): Promise<void>;
}

/** A kept connection may be closed just as it is used, and what was asked on it can't simply be asked again. */
const ownConnection = { reset: true };
const defaultTimeoutMilliseconds = 10_000;

interface WrapperClientOptions {
  /** How long all but a generation may take. */
  timeoutMilliseconds?: number;
}

export function createWrapperClient(
  url: string,
  { timeoutMilliseconds = defaultTimeoutMilliseconds }: WrapperClientOptions = {},
): WrapperClient {
  const base = url.replace(/\/+$/, "");
  // A film takes minutes, and the wrapper says nothing meanwhile.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  const ask = (method: "GET" | "POST", path: string, signal?: AbortSignal): Promise<WrapperAnswer> => {
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    const ending = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    return reaching(base, signal, async () =>
      readAnswer(await request(base + path, { ...ownConnection, dispatcher: agent, method, signal: ending })),
    );
  };
  const post = (path: string, input: object, { headers, id, signal }: GenerateOptions) =>
    request(base + path, {
      ...ownConnection,
      dispatcher: agent,
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: stringifyJson({ input: { ...input, request_id: id } }),
      signal,
    });
  const result: WrapperClient["result"] = (id, signal) => ask("GET", `/result/${encodeURIComponent(id)}`, signal);
  const cancel: WrapperClient["cancel"] = (id) => ask("POST", `/cancel/${encodeURIComponent(id)}`);
  /** Whatever ends a generation before its time: ComfyUI must not go on with it. */
  const orCancel = async (
    { id, signal }: GenerateOptions,
    generate: () => Promise<WrapperAnswer>,
  ): Promise<WrapperAnswer> => {
    signal.throwIfAborted();
    try {
      return await reaching(base, signal, generate);
    } catch (error) {
      // The first error tells more than what may be wrong with this.
      await cancel(id).catch(() => undefined);
      throw error;
    }
  };

  return {
    url,
    generate: (input, options) =>
      orCancel(options, async () => readAnswer(await post("/generate/sync", input, options))),
    stream: (input, options) =>
      orCancel(options, async () => {
        const answer = await post("/generate/stream", input, options);
        if (!String(answer.headers["content-type"]).startsWith("text/event-stream")) {
          return readAnswer(answer);
        }
        return followStream(answer.body, {
          workflow: input.workflow_json,
          onProgress: options.onProgress,
          askForResult: () => result(options.id, options.signal),
        });
      }),
    result,
    cancel,
    isHealthy: async (signal) => {
      const answer = await ask("GET", "/health", signal).catch(() => undefined);
      const health = answer?.status === 200 ? parseOrUndefined(answer.body.toString()) : undefined;
      return isRecord(health) && health.status === "healthy";
    },
    stop: () => agent.destroy(),
  };
}

/** Runs one exchange with the wrapper; what goes wrong with the connection is a fault of the job that needed it. */
async function reaching(
  url: string,
  signal: AbortSignal | undefined,
  exchange: () => Promise<WrapperAnswer>,
): Promise<WrapperAnswer> {
  try {
    return await exchange();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof JobError) {
      throw error;
    }
    throw new JobError(
      { type: "comfyui_unreachable", message: `cannot connect to ComfyUI's API wrapper at ${url}: ${reasonOf(error)}` },
      { cause: error },
    );
  }
}

/** An AggregateError, of a name with several addresses, has a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.message || ("code" in error ? String(error.code) : error.name);
}
