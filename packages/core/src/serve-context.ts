import type { IncomingHttpHeaders } from "node:http";
import type { ClientResponse } from "./responses.ts";

/** What `serve` is given beside the payload. */
export interface ServeContext {
  /** Aborted when the client leaves before its answer is complete, the session closes or the drain deadline passes. */
  signal: AbortSignal;
  /** The request's own, as they came. */
  headers: Readonly<IncomingHttpHeaders>;
  /**
   * Takes the request's place in the queue, at the first call, and resolves when its turn has come. Rejects with
   * WorkerError 429 where that takes longer than `maxQueueTime`, with the signal's reason where it aborts.
   */
  turn(): Promise<void>;
  /** Ends the turn before the work does: what is left to do keeps nobody waiting. */
  release(): void;
  /** Books the true cost, once it is known. */
  settle(workload: number): void;
  /** Tells how much of the cost is still to come. */
  remaining(workload: number): void;
  /** Answers now. The work goes on, and no longer ends with its client. */
  answer(response: ClientResponse): void;
  /** Begins an answer of `text/event-stream`, which ends when `serve` returns. Comments keep it alive meanwhile. */
  events(): EventSink;
}

/** A stream of events on its way to a client. */
export interface EventSink {
  /** Sends a value as JSON. */
  send(value: unknown): void;
  /** Whether the client takes events slower than they come: what can be left out should be. */
  readonly isCongested: boolean;
}
