import type { Requirement } from "./requirement.ts";

const source = "section 7";

export const reportRequirements = [
  { id: "report/fields", behaviour: "A status has the contract's fields with their types", source },
  { id: "report/pace", behaviour: "About once a second when something changed, at least every ten seconds", source },
  {
    id: "report/load",
    behaviour: "cur_load, num_requests_working and working_request_idxs follow the requests in progress or waiting",
    source,
  },
  { id: "report/received", behaviour: "num_requests_recieved counts distinct reqnums", source },
  {
    id: "report/deletes",
    behaviour: "Every ended request is deleted once, with its status, success and times",
    source,
  },
  { id: "report/failover", behaviour: "An address that fails is tried three times, then the next", source },
  { id: "report/beacon", behaviour: "A worker that can't start reports its error until stopped", source },
  { id: "report/state-at-once", behaviour: "Becoming errored or draining is reported at once", source },
  { id: "report/metrics", behaviour: "/metrics, /healthz and /readyz tell what the reports tell", source },
] as const satisfies readonly Requirement[];
