import type { Requirement } from "./requirement.ts";

const source = "packages/core/README.md";

/** Handlers that answer in the worker itself. */
export const servingRequirements = [
  { id: "serve/answer", behaviour: "What serve returns is sent, and its status is booked; 499 is Cancelled", source },
  { id: "serve/early", behaviour: "An answer may come first; the work goes on without its client, and counts", source },
  { id: "serve/events", behaviour: "An answer may be a stream of events, sent while the request still waits", source },
  { id: "serve/turn", behaviour: "A handler that serves waits for its turn, first in first out", source },
  { id: "serve/release", behaviour: "A released turn is the next request's, though the work goes on", source },
  { id: "serve/disconnect", behaviour: "A client that leaves aborts its work, waiting or running", source },
  { id: "serve/throws", behaviour: "What serve throws is answered 500 and booked as an error", source },
  { id: "serve/drain", behaviour: "A stopping worker waits for work that has answered already", source },
  { id: "control/signed", behaviour: "Control routes answer who is signed, by header, query or envelope", source },
  { id: "control/load", behaviour: "Control requests are neither queued nor counted", source },
  { id: "watch/loaded", behaviour: "A watcher beside the log can say that the model is loaded, or has failed", source },
  { id: "watch/once", behaviour: "A load of which watcher and log both tell is measured once", source },
  { id: "log/several", behaviour: "Several log files are read", source },
] as const satisfies readonly Requirement[];
