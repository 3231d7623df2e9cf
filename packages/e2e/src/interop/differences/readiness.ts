import type { DeliberateDifference } from "./deliberate-difference.ts";
import { everywhere, fields, openedSession, servedHere, servedThere } from "./sighting.ts";

const waitsForModel = { error: "the model is not ready yet" };

export const readiness: readonly DeliberateDifference[] = [
  {
    id: "not-ready",
    reference: "forwards requests and opens sessions before the model has loaded, and after it has failed",
    ours: "answers 503 with `Retry-After`",
    why: "They would fail, slowly, or spoil the benchmark that is under way. A client takes its request elsewhere after a 503.",
    requirements: ["request/not-ready", "D3"],
    seen: [
      ...servedThere("a request comes before the model has loaded", [503, waitsForModel]),
      ...servedThere("a request comes after an error", [503, { error: "the model has failed: RuntimeError: Engine" }]),
      ...fields(
        "a session is opened before the model has loaded",
        ["status", 201, 503],
        ["body", openedSession, waitsForModel],
      ),
      ...everywhere(
        [
          "a request comes before the model has loaded",
          "a request comes after an error",
          "a session is opened before the model has loaded",
        ],
        ["retry-after", null, "5"],
      ),
    ],
  },
  {
    id: "errored-without-perf",
    reference: "goes on reporting `max_perf` after an error",
    ours: "reports 0 while it can't serve",
    why: "An engine that looks at `max_perf` sees no capacity where there is none.",
    requirements: ["start/error-line", "report/fields"],
    seen: fields("the model's log tells of an error", ["max_perf", 100, 0]),
  },
  {
    id: "recovery",
    reference: "reports an error for ever, even when the model has loaded again",
    ours: "clears it, and is ready again",
    why: "A model server that was restarted needs no new machine.",
    requirements: ["start/load-again", "start/load-clears-error", "D6"],
    seen: fields("the model loads again after an error", ["error_msg", "RuntimeError: Engine", ""]),
  },
  {
    id: "drain",
    reference: "dies at SIGTERM, with the requests in flight",
    ours: "takes no more, finishes those in flight, reports, and ends with 0",
    why: "A stop costs no client its answer.",
    requirements: ["stop/drain", "D28", "F6"],
    seen: fields(
      "the worker is told to stop while a request runs",
      ["status", null, 200],
      ["broken", "before the answer", null],
      ["exit code", 128, 0],
      ["reported ends", [], ["Success"]],
    ),
  },
  {
    id: "unsecured",
    reference: "asks for all of `auth_data` even with `UNSECURED=true`",
    ours: "fills in what is missing, and takes a body that is no envelope for the payload",
    why: "`curl`, an OpenAI client, or the SDK with `VAST_DEBUG_WORKER_URL` can talk to a worker on a laptop.",
    requirements: ["env/unsecured", "D36"],
    seen: [
      ...servedHere("nobody checks signatures and auth_data is the Python client's in its debug mode", [
        422,
        {
          auth_data: {
            cost: "missing parameter",
            endpoint: "missing parameter",
            reqnum: "missing parameter",
            signature: "missing parameter",
          },
        },
      ]),
      ...servedHere("nobody checks signatures and auth_data is missing", [422, { auth_data: "field missing" }]),
      ...servedHere("nobody checks signatures and the body is the payload itself", [
        422,
        { auth_data: "field missing", payload: "field missing" },
      ]),
    ],
  },
];
