import { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WorkerError } from "../errors.ts";
import { ClientLeft } from "./read-body.ts";

/** Knows the requests under way, so that each ends with its client, and a stopping worker can wait for them. */
export interface RequestTracker {
  /** Serves a client. The controller aborts when its connection closes before the answer is complete. */
  run(client: ServerResponse | Duplex, serve: (controller: AbortController) => Promise<void>): Promise<void>;
  /** Resolves when none is left. After the deadline it aborts those that are, and waits no longer than a second for them. */
  drain(deadlineMilliseconds: number): Promise<void>;
}

const graceMilliseconds = 1000;

export function createRequestTracker(): RequestTracker {
  const requests = new Set<AbortController>();
  let onEmpty = () => {};
  return {
    run: async (client, serve) => {
      const controller = new AbortController();
      requests.add(controller);
      client.once("close", () => {
        if (!(client instanceof ServerResponse && client.writableFinished)) {
          controller.abort(new ClientLeft());
        }
      });
      try {
        await serve(controller);
      } finally {
        requests.delete(controller);
        if (requests.size === 0) {
          onEmpty();
        }
      }
    },
    drain: (deadlineMilliseconds) =>
      new Promise((resolve) => {
        const deadline = setTimeout(() => {
          for (const request of requests) {
            request.abort(new WorkerError("draining", "the worker has stopped"));
          }
        }, deadlineMilliseconds);
        // Code that heeds no signal must not keep the worker alive.
        const grace = setTimeout(() => onEmpty(), deadlineMilliseconds + graceMilliseconds);
        onEmpty = () => {
          clearTimeout(deadline);
          clearTimeout(grace);
          resolve();
        };
        if (requests.size === 0) {
          onEmpty();
        }
      }),
  };
}
