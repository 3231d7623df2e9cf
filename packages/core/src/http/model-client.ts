import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, Pool } from "undici";

/** uvicorn, and with it most model servers, closes an idle connection after 5 s: ours must go first. */
const idleMilliseconds = 4000;
const connectMilliseconds = 10_000;

/** A request to the model server. */
export interface ModelRequest {
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer | string;
  signal: AbortSignal;
}

/** Hears the answer as it comes. `resume` goes on after a `data` that returned false. */
export interface ModelResponseSink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** Returns false when it can take no more for now. */
  data(chunk: Buffer, resume: () => void): boolean;
  end(): void;
}

/** The one pool of kept-alive connections to the model server, without a cap and without a time limit on answers. */
export interface ModelClient {
  /** Posts; resolves when the answer has ended, rejects when the connection failed or the signal aborted. */
  post(request: ModelRequest, sink: ModelResponseSink): Promise<void>;
  stop(): Promise<void>;
}

export function createModelClient(modelUrl: URL): ModelClient {
  const basePath = modelUrl.pathname === "/" ? "" : modelUrl.pathname;
  const pool = new Pool(modelUrl.origin, {
    connections: null,
    pipelining: 1,
    keepAliveTimeout: idleMilliseconds,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMilliseconds },
  });
  return {
    post: (request, sink) => postWithRetry(pool, { ...request, path: basePath + request.path }, sink),
    stop: () => pool.destroy(),
  };
}

/** A connection that was closed before the request began to be written has cost nothing: once more is safe. */
async function postWithRetry(pool: Pool, request: ModelRequest, sink: ModelResponseSink): Promise<void> {
  try {
    await post(pool, request, sink);
  } catch (error) {
    if (!(error instanceof UntouchedConnectionError) || request.signal.aborted) {
      throw error;
    }
    await post(pool, request, sink);
  }
}

class UntouchedConnectionError extends Error {}

const closedConnectionCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CLOSED"]);

function post(pool: Pool, { path, headers, body, signal }: ModelRequest, sink: ModelResponseSink): Promise<void> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    const abort = () => {
      controller?.abort(abortReason(signal));
      reject(abortReason(signal));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    const settle = () => signal.removeEventListener("abort", abort);
    pool.dispatch(
      { method: "POST", path, headers, body },
      {
        onRequestStart(started) {
          controller = started;
          if (signal.aborted) {
            started.abort(abortReason(signal));
          }
        },
        onResponseStart(_controller, status, responseHeaders) {
          if (status >= 200) {
            sink.head(status, responseHeaders);
          }
        },
        onResponseData(active, chunk) {
          if (!sink.data(chunk, () => active.resume())) {
            active.pause();
          }
        },
        onResponseEnd() {
          settle();
          sink.end();
          resolve();
        },
        onResponseError(_controller, error) {
          settle();
          const isUntouched =
            controller === undefined && "code" in error && closedConnectionCodes.has(String(error.code));
          reject(isUntouched ? new UntouchedConnectionError(error.message, { cause: error }) : error);
        },
      },
    );
  });
}

const abortReason = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error("aborted");
