import type { AuthData } from "../auth/auth-data.ts";
import type { Outcome } from "../ledger.ts";

/** What a refusal needs to know of a signed request. */
export interface RefusableJob {
  route: string;
  authData: AuthData;
  workload: number;
  kind: "request" | "in-session" | "session";
}

/** A signed request, as admission and the books see it. */
export interface Job extends RefusableJob {
  allowParallelRequests: boolean | number;
  /** Seconds; null: never refused for the wait. */
  maxQueueTime: number | null;
  signal: AbortSignal;
}

/** How the work ended, and the status its client saw. */
export interface WorkResult {
  outcome: Outcome;
  status: number;
  /** What the handler found wrong with an answer whose status is none of an error. */
  reason?: string | undefined;
}

/** Of a client that went away before its answer; and of an answer about a job that was cancelled. */
export const clientLeftStatus = 499;
