import type { Requirement } from "./requirement.ts";

const source = "faults";

export const faultRequirements = [
  { id: "F1", behaviour: "Sums over accepted reports equal what happened, whatever the engine does", source },
  {
    id: "F2",
    behaviour: "With every engine away all requests are served, and all sums and deletes arrive after it returns",
    source,
  },
  {
    id: "F3",
    behaviour:
      "A client that leaves, queued, before headers or mid-stream, frees its slot and its model request within 100 ms",
    source,
  },
  {
    id: "F4",
    behaviour:
      "A model killed under load: every client hears an end, errored after the threshold, ready again by itself",
    source,
  },
  {
    id: "F5",
    behaviour: "A model that dies mid-stream destroys the client's connection, with no second head in the body",
    source,
  },
  { id: "F6", behaviour: "SIGTERM under load fails no request in flight, and loses no report", source },
  { id: "F7", behaviour: "Whatever happens to the log, no match is lost or doubled", source },
  { id: "F8", behaviour: "Idle and slow connections don't disturb others, and are closed", source },
  { id: "F9", behaviour: "Any generated body is answered 4xx with its fault named", source },
  { id: "F10", behaviour: "Smuggled requests are refused and never reach the model", source },
  {
    id: "F11",
    behaviour: "Unsigned, foreign-signed, replayed and wrong-session requests change no reported figure",
    source,
  },
  { id: "F12", behaviour: "A million requests leave memory where the first ten thousand left it", source },
  {
    id: "F13",
    behaviour: "Disk full, unreadable benchmark, missing id, taken port, bad certificate: a clear error, reported too",
    source,
  },
] as const satisfies readonly Requirement[];
