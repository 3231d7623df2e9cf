import { WorkerError } from "../errors.ts";

/** Knows the requests under way, so that a stopping worker can wait for them. */
export interface RequestTracker {
  add(request: AbortController): void;
  remove(request: AbortController): void;
  /** Resolves when none is left; after the deadline, aborts those that are. */
  drain(deadlineMilliseconds: number): Promise<void>;
}

export function createRequestTracker(): RequestTracker {
  const requests = new Set<AbortController>();
  let onEmpty = () => {};
  return {
    add: (request) => requests.add(request),
    remove: (request) => {
      requests.delete(request);
      if (requests.size === 0) {
        onEmpty();
      }
    },
    drain: (deadlineMilliseconds) =>
      new Promise((resolve) => {
        const deadline = setTimeout(() => {
          for (const request of requests) {
            request.abort(new WorkerError("draining", "the worker has stopped"));
          }
        }, deadlineMilliseconds);
        onEmpty = () => {
          clearTimeout(deadline);
          resolve();
        };
        if (requests.size === 0) {
          onEmpty();
        }
      }),
  };
}
