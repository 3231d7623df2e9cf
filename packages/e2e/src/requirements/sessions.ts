import type { Requirement } from "./requirement.ts";

const source = "section 4";

export const sessionRequirements = [
  {
    id: "session/create",
    behaviour: "Create: 201 with an id of 13 letters and digits and an expiration; 422 on bad JSON or fields",
    source,
  },
  { id: "session/create-signed", behaviour: "Create needs a signature", source },
  { id: "session/limit", behaviour: "Create at the limit: 429", source },
  { id: "session/get", behaviour: "Get: 200 with all fields; 400 unknown; 401 wrong auth; 422 missing id", source },
  { id: "session/health", behaviour: "Health: ok true; ok false for an unknown id; 401; 422", source },
  {
    id: "session/end",
    behaviour: "End: 200; 400 unknown; 401; 422; 410 already closing; also on the internal port",
    source,
  },
  {
    id: "session/request-auth",
    behaviour: "A request in a session needs the auth_data that created it: 401 otherwise",
    source,
  },
  { id: "session/extend", behaviour: "Every request in a session extends its expiration by its lifetime", source },
  {
    id: "session/expire",
    behaviour: "A session past its expiration is closed within the sweep's five seconds",
    source,
  },
  { id: "session/close-aborts", behaviour: "Closing aborts the session's requests in flight", source },
  {
    id: "session/on-close",
    behaviour: "Closing posts on_close_payload and session_id to on_close_route on the model server",
    source,
  },
  {
    id: "session/on-close-host",
    behaviour: "An absolute on_close_route is refused unless its host is allowed",
    source,
  },
  {
    id: "session/reports",
    behaviour:
      "A session counts as one request of its cost from create to close; requests inside count in workload alone",
    source,
  },
  {
    id: "update/token",
    behaviour:
      "/pyworker/update writes the update file for the right token, bearer or bare, and for no other; never for an empty one",
    source: "section 5",
  },
] as const satisfies readonly Requirement[];
