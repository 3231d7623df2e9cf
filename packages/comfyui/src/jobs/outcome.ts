import type { Result } from "./result.ts";

/** How a job ended, as its client is told. */
export interface Outcome {
  /** The HTTP status. */
  status: number;
  result: Result;
  headers?: Readonly<Record<string, string>>;
  /** The answer's very bytes, where they came from another server. */
  body?: Buffer;
}
