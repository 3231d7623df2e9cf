import { modelAnswer } from "../observation.ts";
import type { DeliberateDifference } from "./deliberate-difference.ts";
import { crash, fields, openedSession, servedThere } from "./sighting.ts";

const invalidJson = { error: "invalid JSON" };

export const inputs: readonly DeliberateDifference[] = [
  {
    id: "bad-input-is-422",
    reference:
      "answers 500 to a body it did not expect: a number, a list to a session's route, null for `auth_data`, a session without its fields",
    ours: "answers 422 and says what is wrong",
    why: "Clients repeat a 500, without end by default, and never a 422.",
    requirements: ["request/invalid-json", "D26"],
    seen: [
      ...crash("the body is a number", [422, invalidJson]),
      ...crash("auth_data is null", [422, { auth_data: "expected an object" }]),
      ...crash("/session/create gets a list", [422, invalidJson]),
      ...crash("/session/create gets an empty object", [422, { auth_data: "field missing", payload: "field missing" }]),
      ...crash("/session/create gets no payload", [422, { payload: "field missing" }]),
      ...crash("a session's lifetime is no number", [
        422,
        { payload: { lifetime: "Invalid input: expected number, received string" } },
      ]),
      ...crash("/session/get gets a list", [422, invalidJson]),
      ...crash("/session/health gets a list", [422, invalidJson]),
      ...crash("/session/end gets a list", [422, invalidJson]),
    ],
  },
  {
    id: "list-is-no-envelope",
    reference: "finds the fields missing in a list",
    ours: 'answers `{"error": "invalid JSON"}`, as to everything that is no object',
    why: "The status is the same; the text says what is wrong.",
    requirements: ["request/invalid-json"],
    seen: fields("the body is a list", ["body", { auth_data: "field missing", payload: "field missing" }, invalidJson]),
  },
  {
    id: "payload-faults-by-path",
    reference: 'answers `{"payload": {"data": …}}` to a payload that is no object',
    ours: "names each fault by its path in the payload, which for the payload itself is empty",
    why: "A schema finds every fault at once, down to the last field.",
    requirements: ["request/refused-payload"],
    seen: fields("the payload is a list", [
      "body",
      { payload: { data: "payload must be a dictionary" } },
      { payload: { "": "Invalid input: expected object, received array" } },
    ]),
  },
  {
    id: "numbers-as-text",
    reference:
      "answers 500 to a `reqnum` that is text, and to opening a session with a `cost` that is text: that session stays, unknown to everybody",
    ours: "takes numbers as numbers and as text",
    why: "Engines send the `cost` as text or as a number, and clients pass it on as it is.",
    requirements: ["request/cost", "D31"],
    seen: [
      ...crash("the request number is a number as text", [200, modelAnswer]),
      ...fields("the request number is a number as text", ["server", null, "pyworker-stand-in"]),
      ...crash("a session's cost is text", [201, openedSession]),
    ],
  },
  {
    id: "cost-is-a-number",
    reference: "serves a request whose `cost` is no number",
    ours: "answers 422",
    why: "Where the cost is read, as in a session, it becomes load that is reported.",
    requirements: ["request/cost"],
    seen: servedThere("the cost is no number", [422, { auth_data: { cost: "expected a number of 0 or more" } }]),
  },
  {
    id: "lifetime-is-positive",
    reference: "opens a session whose `lifetime` is negative",
    ours: "answers 422",
    why: "Such a session is over before it begins.",
    requirements: ["session/create"],
    seen: fields(
      "a session's lifetime is negative",
      ["status", 201, 422],
      ["body", openedSession, { payload: { lifetime: "Too small: expected number to be >0" } }],
    ),
  },
];
