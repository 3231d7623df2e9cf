import type { IncomingMessage, ServerResponse } from "node:http";
import { WorkerError } from "../errors.ts";
import type { PreparedRequest } from "../handler.ts";
import { stringifyJson } from "../json.ts";
import type { WorkResult } from "./job.ts";

/**
 * Runs a handler's own function and answers `{"result": …}`; a client that accepts `text/event-stream` gets its progress
 * too, as events. Throws WorkerError 500 when the function throws.
 */
export async function execute(
  prepared: PreparedRequest,
  { signal, settle }: { signal: AbortSignal; settle(workload: number): void },
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<WorkResult> {
  const isStream = request.headers.accept?.includes("text/event-stream") ?? false;
  const progress = isStream ? startStream(response) : () => {};
  try {
    const result = await prepared.execute({ signal, settle, progress });
    const body = stringifyJson({ result: result ?? null });
    if (isStream) {
      response.end(`data: ${body}\n\n`);
    } else {
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
      response.end(body);
    }
    return { outcome: "Success", status: 200 };
  } catch (error) {
    if (signal.aborted || WorkerError.is(error)) {
      throw error;
    }
    const failure = new WorkerError("handler_failed", "the handler failed", { cause: error });
    if (!response.headersSent) {
      throw failure;
    }
    response.end(`data: ${stringifyJson(failure.body)}\n\n`);
    return { outcome: "Error", status: response.statusCode };
  }
}

/** The head goes out with the first progress value, so that a function that fails before it can still answer 500. */
function startStream(response: ServerResponse): (value: unknown) => void {
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  response.setHeader("cache-control", "no-cache");
  return (value) => {
    if (!response.destroyed) {
      response.write(`data: ${stringifyJson({ progress: value })}\n\n`);
    }
  };
}
