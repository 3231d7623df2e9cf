import type { Requirement } from "./requirement.ts";

const source = "section 3";

export const queueRequirements = [
  {
    id: "queue/fallback-workload",
    behaviour: "A workload that throws or is no number of 0 or more counts 100, and is logged once",
    source,
  },
  {
    id: "queue/max-wait",
    behaviour: "An expected wait above maxQueueTime: 429 with Retry-After; null never refuses",
    source,
  },
  {
    id: "queue/fifo",
    behaviour: "Serial handlers take one request at a time, first in first out, across all of them",
    source,
  },
  { id: "queue/leave", behaviour: "A waiting client that leaves never touches the model", source },
  { id: "queue/parallel", behaviour: "Parallel handlers forward at once", source },
  { id: "queue/number", behaviour: "A number lets that many through at a time", source },
  { id: "queue/deadline", behaviour: "A request still waiting after its maxQueueTime: 429", source },
  {
    id: "queue/settle",
    behaviour: "A settled workload leaves as what came in, and the difference is booked once",
    source,
  },
  {
    id: "queue/remaining",
    behaviour: "cur_load holds what remains of a request; received and served hold all of it",
    source,
  },
  {
    id: "queue/failed-answers",
    behaviour: "An answer that its handler calls failed is an Error, whatever its status, and passes untouched",
    source,
  },
  {
    id: "queue/outcomes",
    behaviour:
      "Below 400 is Success and served; 400 and up, a broken stream, an exception: Error; client gone: Cancelled; 429 and 503 of our own: Rejected",
    source,
  },
] as const satisfies readonly Requirement[];
