import type { ServerResponse } from "node:http";
import type { Logger } from "pino";
import { WorkerError } from "../errors.ts";
import { stringifyJson } from "../json.ts";
import type { Telemetry } from "../telemetry.ts";
import { ClientLeft } from "./read-body.ts";

interface ErrorSinks {
  log: Logger;
  telemetry: Telemetry;
}

/** Turns whatever was thrown into an answer; the one place that does. */
export function sendError(response: ServerResponse, thrown: unknown, { log, telemetry }: ErrorSinks): void {
  if (thrown instanceof ClientLeft || response.headersSent) {
    telemetry.countError(thrown instanceof ClientLeft ? "client_left" : "broken_answer");
    // An answer that has begun can't become another one: a truncated stream must look truncated.
    response.destroy();
    return;
  }
  const error = toWorkerError(thrown);
  telemetry.countError(error.code);
  if (error.status >= 500 && error.code !== "not_ready" && error.code !== "draining") {
    log.error({ code: error.code, err: error.cause ?? error }, error.message);
  }
  sendJson(response, error.status, error.body, error.headers);
}

/** What a handler's own code throws is its failure, not the client's. */
export const toWorkerError = (thrown: unknown): WorkerError =>
  WorkerError.is(thrown) ? thrown : new WorkerError("handler_failed", "the worker failed", { cause: thrown });

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = stringifyJson(value);
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
