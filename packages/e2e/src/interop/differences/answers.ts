import type { DeliberateDifference } from "./deliberate-difference.ts";
import { fields, silence } from "./sighting.ts";

const badSignature = 'signature matches neither {"url"} nor the whole of auth_data';

export const answers: readonly DeliberateDifference[] = [
  {
    id: "refusals-say-why",
    reference: "refuses with an empty body (401, 429)",
    ours: 'answers `{"error": …}`, and 429 with `Retry-After`',
    why: "Whoever has to find out why a request fails can read it, and a client knows when to come again.",
    requirements: ["request/bad-signature", "queue/max-wait", "session/limit", "D27"],
    seen: [
      ...silence("the signature is wrong", badSignature),
      ...silence("an unsigned request names a session", badSignature),
      ...silence("the expected wait is too long", "the expected wait is above maxQueueTime"),
      ...fields("the expected wait is too long", ["retry-after", null, "70"]),
      ...silence("there are as many sessions as there may be", "the worker has as many sessions as it takes"),
      ...fields("there are as many sessions as there may be", ["retry-after", null, "1"]),
    ],
  },
  {
    id: "errors-are-json",
    reference: "answers 404 and 405 with a line of text",
    ours: 'answers `{"error": …}`, as everywhere',
    why: "A client has one way to read an error.",
    requirements: ["request/unknown-route"],
    seen: [
      ...fields(
        "no handler has the route",
        ["body", "404: Not Found", { error: "no handler names this route" }],
        ["content-type", "text/plain; charset=utf-8", "application/json"],
      ),
      ...fields(
        "a handler's route is asked for with GET",
        ["body", "405: Method Not Allowed", { error: "only POST is allowed here" }],
        ["content-type", "text/plain; charset=utf-8", "application/json"],
      ),
    ],
  },
  {
    id: "json-without-charset",
    reference: "sends its own answers as `application/json; charset=utf-8`",
    ours: "sends `application/json`",
    why: "JSON is UTF-8; the media type has no such parameter (RFC 8259, section 11), and readers ignore it.",
    requirements: ["request/invalid-json"],
    seen: fields("an answer is the worker's own", [
      "content-type as sent",
      "application/json; charset=utf-8",
      "application/json",
    ]),
  },
  {
    id: "update-failure",
    reference: "names the exception in its answer when an update can't be written down",
    ours: "names the file; the exception is in the log",
    why: "What fails inside a machine is for whoever runs it.",
    requirements: ["update/token"],
    seen: fields("an update can't be written down", [
      "body",
      { error: "failed to write file: [Errno 2] No such file or directory: '<file>'" },
      { error: "failed to write <file>" },
    ]),
  },
  {
    id: "closing-session",
    reference: "says that a session does not exist while it calls its `on_close_route` (400)",
    ours: "says that it is being closed (410)",
    why: "Both are refusals; only one is true.",
    requirements: ["session/end"],
    seen: fields(
      "a session is ended while it is being closed",
      ["status", 400, 410],
      ["body", { error: "session with id <id> not found" }, { error: "session already closed" }],
    ),
  },
  {
    id: "closed-under-a-request",
    reference: "cuts the connections of the requests in a session that is ended",
    ours: "answers 410, unless the answer has begun",
    why: "The client learns what happened, and that trying again is no use.",
    requirements: ["session/close-aborts"],
    seen: fields(
      "a session is ended while a request runs in it",
      ["broken", "before the answer", null],
      ["status", null, 410],
      ["body", null, { error: "the session was closed" }],
      ["content-type", null, "application/json"],
    ),
  },
];
