import type { Requirement } from "./requirement.ts";

const source = "section 6";

export const lifecycleRequirements = [
  { id: "start/listen-first", behaviour: "A loading worker listens and reports", source },
  { id: "start/late-log", behaviour: "The log file may come later", source },
  { id: "start/substring", behaviour: "Patterns match anywhere in a line, in this case, coloured or prefixed", source },
  { id: "start/error-line", behaviour: "An error line marks the worker errored with the pattern", source },
  { id: "start/error-over-load", behaviour: "A line that matches error and load is an error", source },
  { id: "start/info-line", behaviour: "An info line is logged", source },
  { id: "start/load-clears-error", behaviour: "A load line clears an earlier error", source },
  { id: "start/load-again", behaviour: "A later load line measures and confirms again", source },
  {
    id: "benchmark/figure",
    behaviour: "Perf is the best round's workload of successes over seconds, bodies read to the end, after one warm-up",
    source,
  },
  {
    id: "benchmark/saved",
    behaviour:
      "A saved figure is used when measured for the same or bare, and measured anew when empty, broken or for something else",
    source,
  },
  {
    id: "benchmark/true-cost",
    behaviour: "The benchmark counts the cost that the handler's watch settles, and an answer it calls failed as none",
    source,
  },
  { id: "benchmark/failed", behaviour: "A round without a success is an error that says so, with perf 0", source },
  { id: "health/wait", behaviour: "Ready waits for the health endpoint", source },
  { id: "health/threshold", behaviour: "Three failed probes in a row mark the worker errored, one doesn't", source },
  { id: "health/recovery", behaviour: "A model that is well again is measured again and the error cleared", source },
  { id: "ready/at-once", behaviour: "Ready is reported within 100 ms of being known, without a fixed sleep", source },
  { id: "ready/loadtime", behaviour: "loadtime is reported until accepted once, then 0", source },
  {
    id: "start/hooks",
    behaviour: "Lifecycle hooks stand in for a log: start makes ready, stop is called at the end",
    source,
  },
  {
    id: "stop/drain",
    behaviour:
      "SIGTERM: new requests 503 with connection close, those in flight finish, sessions close, the last reports arrive, exit 0",
    source,
  },
  { id: "stop/deadline", behaviour: "Requests in flight at the drain deadline are aborted", source },
  {
    id: "stop/twice",
    behaviour: "A second signal at once changes nothing; one more than a second later ends the worker",
    source,
  },
] as const satisfies readonly Requirement[];
