import type { Row } from "../row.ts";
import { addedLatency } from "./added-latency.ts";
import { connections } from "./connections.ts";
import { eventStreams } from "./event-streams.ts";
import { largeBodies } from "./large-bodies.ts";
import { loadTruth } from "./load-truth.ts";
import { logBurst } from "./log-burst.ts";
import { longLines } from "./long-lines.ts";
import { longPrompts } from "./long-prompts.ts";
import { longQueue } from "./long-queue.ts";
import { openStreams } from "./open-streams.ts";
import { ready } from "./ready.ts";
import { requestRate } from "./request-rate.ts";
import { start } from "./start.ts";
import { tokenWorkload } from "./token-workload.ts";

/** All rows, in the order of the table: P for speed, G for how the cost grows, L for whether the load is true. */
export const rows: readonly Row[] = [
  requestRate,
  tokenWorkload,
  addedLatency,
  eventStreams,
  largeBodies,
  start,
  ready,
  logBurst,
  longPrompts,
  connections,
  openStreams,
  longQueue,
  longLines,
  loadTruth,
];
