import type { Requirement } from "./requirement.ts";

const source = "section 2";

export const requestRequirements = [
  { id: "request/invalid-json", behaviour: "A body that is no JSON object: 422 {error: invalid JSON}", source },
  {
    id: "request/missing-keys",
    behaviour: "Missing auth_data, payload or auth_data fields: 422 that names all of them",
    source,
  },
  {
    id: "request/refused-payload",
    behaviour: "A payload the handler refuses: 422 with the path of each wrong field",
    source,
  },
  { id: "request/extra-auth-keys", behaviour: "Unknown auth_data keys are kept and ignored", source },
  { id: "request/cost", behaviour: "cost may be a string or a number", source },
  { id: "request/null-session", behaviour: "session_id null means none", source },
  {
    id: "request/bad-signature",
    behaviour: "A wrong signature: 401, with a line that says what was checked and not what is right",
    source,
  },
  { id: "request/unknown-session", behaviour: "An unknown session_id: 410 {error: invalid session}", source },
  { id: "request/not-ready", behaviour: "Not ready or draining: 503 with Retry-After", source },
  { id: "request/too-large", behaviour: "A body over the limit: 413", source },
  { id: "request/unknown-route", behaviour: "A route nobody names: 404; another method: 405", source },
  { id: "auth/url-form", behaviour: "A signature over {url} verifies", source },
  {
    id: "auth/full-form",
    behaviour: "A signature over all of auth_data less signature and __request_id verifies",
    source,
  },
  {
    id: "auth/python-text",
    behaviour: "The signed text is Python's: sorted, escaped, numbers as Python prints them",
    source,
  },
  { id: "auth/form-counted", behaviour: "Which form matched is counted", source },
  {
    id: "auth/own-url",
    behaviour: "A signature made for another worker's URL: 401, unless CHECK_AUTH_URL is off",
    source,
  },
  {
    id: "auth/no-key",
    behaviour:
      "Without a key the worker is not ready, reports the error after five tries, and recovers when the key comes",
    source,
  },
  { id: "auth/key-list", behaviour: "The key comes from whichever address of REPORT_ADDR has one", source },
  { id: "auth/rotation", behaviour: "A rotated key heals by itself, re-fetched at most once a minute", source },
  {
    id: "auth/remembered",
    behaviour: "The same pair verifies again and again, and no longer once the key has changed",
    source,
  },
  {
    id: "auth/unsigned-no-effect",
    behaviour:
      "An unsigned request changes no load figure, no delete entry, no session and no expiry, and is counted as refused",
    source,
  },
] as const satisfies readonly Requirement[];
