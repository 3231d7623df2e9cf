import type { LogActions, LogPattern } from "@pyworker/core";
import { messageLine } from "../comfy/log-line.ts";

/** Lines of the API wrapper and of the uvicorn around it. The wrapper repeats ComfyUI's messages, and requests' ids. */
export const wrapperLogActions: LogActions = {
  // Not the word alone: BACKENDS_READY_TIMEOUT begins with it.
  onLoad: [
    beginning("BACKENDS_READY:"),
    // What a worker has written in the place of a wrapper that is too old to.
    beginning("BACKENDS_READY ("),
  ],
  onError: [
    beginning("BACKENDS_READY_TIMEOUT"),
    beginning("BACKEND_UNRECOVERABLE"),
    beginning("Application startup failed"),
  ],
};

function beginning(text: string): LogPattern {
  return { text, line: messageLine(RegExp.escape(text)) };
}
