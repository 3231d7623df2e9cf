/** What can go wrong, the status a client sees for it, and what to do about it. docs/errors.md is made from this table. */
export const errorCodes = {
  invalid_json: { status: 422, advice: "Send a JSON object as the body." },
  invalid_request: { status: 422, advice: "Correct the fields that the answer names." },
  unauthorized: { status: 401, advice: "Get a fresh route from the engine, and copy its whole answer into auth_data." },
  invalid_session: { status: 410, advice: "The session expired or was closed; create a new one." },
  not_found: { status: 404, advice: "Use a route that the worker's handlers name." },
  method_not_allowed: { status: 405, advice: "Use the method in the Allow header." },
  bad_request: { status: 400, advice: "Send the request as HTTP/1.1 with one Host header and a plain path." },
  request_timeout: { status: 408, advice: "Send the body faster; the worker closes uploads that stall." },
  body_too_large: { status: 413, advice: "Send a smaller body, or raise the handler's maxBodyBytes." },
  queue_full: { status: 429, advice: "Try again after Retry-After seconds, or raise maxQueueTime." },
  handler_failed: { status: 500, advice: "The worker's own handler threw; its log has the stack." },
  model_unreachable: { status: 502, advice: "The model server refused or broke the connection; its log says why." },
  not_ready: { status: 503, advice: "The model is still loading or has failed; try again after Retry-After seconds." },
  draining: { status: 503, advice: "The worker is stopping; ask the engine for another one." },
} as const;

export type ErrorCode = keyof typeof errorCodes;

interface ErrorDetails {
  /** The answer's JSON body, where it is not `{"error": message}`. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

const marker = Symbol.for("pyworker.WorkerError");

/** The one error class. Thrown anywhere, turned into an answer in one place. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly [marker] = true;
  readonly code: ErrorCode;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, { body, headers = {}, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    this.body = body ?? { error: message };
    this.headers = headers;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  /** True for an error of this class from any copy of this package. */
  static is(error: unknown): error is WorkerError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
