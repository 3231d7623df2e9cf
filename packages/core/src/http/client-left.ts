import type { ServerResponse } from "node:http";
import { ClientLeft } from "./read-body.ts";

/** A controller that aborts when the client's connection closes before its answer is complete. */
export function abortWhenClientLeaves(response: ServerResponse): AbortController {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) {
      controller.abort(new ClientLeft());
    }
  });
  return controller;
}
