import type { DeliberateDifference } from "./deliberate-difference.ts";
import { fields, openedSession, servedHere, servedThere } from "./sighting.ts";

const badSignature = 'signature matches neither {"url"} nor the whole of auth_data';

export const signatures: readonly DeliberateDifference[] = [
  {
    id: "own-signature",
    reference: "takes a signature that was made for any worker",
    ours: "takes one that was made for its own URL, and answers 401 to others",
    why: "A signature covers the worker's URL and nothing else: whoever sees one request could use every worker with it. `CHECK_AUTH_URL=false` turns the check off.",
    requirements: ["auth/own-url", "D29"],
    seen: [
      ...servedThere("the signature was made for another worker", [
        401,
        { error: "auth_data.url is not this worker's own URL" },
      ]),
      ...fields("the signature was made for another worker", ["requests to the model", 1, 0]),
    ],
  },
  {
    id: "both-signatures",
    reference: "knows one signed message, the URL",
    ours: "also takes a signature over all of `auth_data`",
    why: "Engines signed all of it until the end of 2025, and some are reported to do so still.",
    requirements: ["auth/full-form"],
    seen: [
      ...servedHere("the signature covers all of auth_data", [401, ""]),
      ...fields("the signature covers all of auth_data", ["content-type", null, "application/json"]),
    ],
  },
  {
    id: "unsigned-without-effect",
    reference:
      "reports a request with a wrong signature as rejected load and as an ended request, and lets it prolong the session it names",
    ours: "answers 401 and changes nothing",
    why: "Otherwise anybody can drive the engine's scaling, end another client's request in its books, or keep a session open.",
    requirements: ["auth/unsigned-no-effect", "D30", "D32"],
    seen: [
      ...fields(
        "report: a request has the wrong signature",
        ["rej_load", 10, 0],
        ["num_requests_recieved", 1, 0],
        ["deleted: status", ["Rejected"], []],
        ["deleted: success", [false], []],
        ["deleted: started", [false], []],
        ["deleted: completed", [false], []],
      ),
      ...fields("an unsigned request names a session", ["prolonged", 60, 0]),
    ],
  },
  {
    id: "signed-sessions",
    reference: "opens a session without a look at the signature",
    ours: "answers 401 to a wrong one",
    why: "A session takes up the worker and counts as load: ten unsigned ones would close it to everybody.",
    requirements: ["session/create-signed", "D31"],
    seen: [
      ...fields(
        "a session is opened with the wrong signature",
        ["status", 201, 401],
        ["body", openedSession, { error: badSignature }],
      ),
      ...fields(
        "report: a session is opened with the wrong signature",
        ["new_load", 256, 0],
        ["cur_perf", 256, 0],
        ["num_requests_recieved", 1, 0],
        ["deleted: status", ["Success"], []],
        ["deleted: success", [true], []],
        ["deleted: started", [true], []],
        ["deleted: completed", [true], []],
      ),
    ],
  },
  {
    id: "own-sessions",
    reference: "lets any signed request into any session",
    ours: "lets in requests with the `auth_data` that opened it, and answers 401 to others",
    why: "A session belongs to one client. Its id alone must not be enough to use it and keep it open.",
    requirements: ["session/request-auth", "D33"],
    seen: [
      ...servedThere("a request is made in a session that another client opened", [
        401,
        { error: "auth_data is not the one that created the session" },
      ]),
      ...fields("a request is made in a session that another client opened", ["prolonged", 60, 0]),
    ],
  },
  {
    id: "close-on-own-host",
    reference: "posts to whatever URL `on_close_route` names",
    ours: "answers 422 to a URL whose host is neither the model server's nor in `SESSION_CLOSE_HOSTS`",
    why: "A client could make the worker call any address that its machine reaches.",
    requirements: ["session/on-close-host", "D34"],
    seen: fields(
      "a session's on_close_route leads to another host",
      ["status", 201, 422],
      [
        "body",
        openedSession,
        { payload: { on_close_route: "expected a path, or a URL whose host SESSION_CLOSE_HOSTS names" } },
      ],
    ),
  },
  {
    id: "empty-token",
    reference: "takes an update without a token when `MASTER_TOKEN` is empty",
    ours: "answers 401: an empty `MASTER_TOKEN` matches nothing",
    why: "A variable that somebody forgot to set must not open a door.",
    requirements: ["update/token", "D35"],
    seen: fields(
      "there is no MASTER_TOKEN and an update has no token",
      ["status", 200, 401],
      ["body", { ok: true }, { error: "unauthorized" }],
      ["file written", true, false],
    ),
  },
];
