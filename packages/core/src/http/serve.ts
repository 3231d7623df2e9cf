import type { IncomingMessage, ServerResponse } from "node:http";
import type { PreparedRequest } from "../handler.ts";
import { stringifyJson } from "../json.ts";
import type { EventSink, ServeContext } from "../serve-context.ts";
import { clientLeftStatus, type WorkResult } from "./job.ts";
import { sendResponse } from "./send-response.ts";

type Hooks = Pick<ServeContext, "signal" | "turn" | "release" | "settle" | "remaining">;

const keepAliveMilliseconds = 15_000;

/** Runs a handler's `serve`, and sends what it returns, unless an answer has begun by then. Rejects as `serve` does. */
export async function serve(
  prepared: PreparedRequest,
  hooks: Hooks,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<WorkResult> {
  let keepAlive: NodeJS.Timeout | undefined;
  try {
    const result = await prepared.serve?.({
      ...hooks,
      headers: request.headers,
      answer: (early) => void sendResponse(response, early),
      events: () => {
        keepAlive ??= setInterval(() => response.write(": keep-alive\n\n"), keepAliveMilliseconds).unref();
        return startEvents(response);
      },
    });
    const status = result?.status ?? 200;
    if (keepAlive !== undefined) {
      response.end();
    } else if (result !== undefined && !response.headersSent) {
      sendResponse(response, result);
    }
    return { outcome: outcomeOf(status), status };
  } finally {
    clearInterval(keepAlive);
  }
}

function outcomeOf(status: number): WorkResult["outcome"] {
  if (status === clientLeftStatus) {
    return "Cancelled";
  }
  if (status === 429 || status === 503) {
    return "Rejected";
  }
  return status < 400 ? "Success" : "Error";
}

function startEvents(response: ServerResponse): EventSink {
  if (!response.headersSent) {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // nginx would keep the events back otherwise.
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
  }
  return {
    send: (value) => {
      if (!response.destroyed) {
        response.write(`data: ${stringifyJson(value)}\n\n`);
      }
    },
    get isCongested() {
      return response.writableNeedDrain;
    },
  };
}
