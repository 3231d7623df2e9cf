import type { CleanUps } from "./clean-ups.ts";

/** What every measurement is given. */
export interface Bench {
  /** For files that end with the run. */
  readonly folder: string;
  readonly cleanUps: CleanUps;
  /** Aborted by Ctrl-C: nothing is to be started any more. */
  readonly signal: AbortSignal;
  /** Whether other programs are measured beside ours. */
  readonly peers: boolean;
  /** How often each figure is measured. */
  readonly rounds: number;
  /** How long each load is kept up. */
  readonly seconds: number;
  /** How many requests a latency is the median of. */
  readonly requests: number;
  say(text: string): void;
}
