import type { ClientResponse } from "./responses.ts";

/** Requests that go to the model server untouched, signed by header or query (see docs/wire-protocol.md). */
export interface PassthroughRoute {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "WEBSOCKET";
  /** An exact path, or a prefix that ends in `/*`. */
  path: string;
  /** The cost of one such request. Default 0. */
  workload?: number;
  /** The server that they go to, where it is not the model server: `http://127.0.0.1:18188`. */
  origin?: string;
}

/** Small requests about work in hand, answered in this process: signed, but neither queued nor counted as load. */
export interface ControlRoute {
  method: "GET" | "POST" | "DELETE";
  /** A path; a part in braces stands for any one segment: `/result/{id}`. */
  path: string;
  answer(parameters: Readonly<Record<string, string>>, signal: AbortSignal): ClientResponse | Promise<ClientResponse>;
}
