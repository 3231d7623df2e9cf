import { type Json, modelAnswer } from "../observation.ts";

/** Where a difference is seen: a case, and a field of what was seen there. A field that isn't there is null. */
export interface Sighting {
  in: string;
  field: string;
  reference: Json;
  ours: Json;
}

/** What a worker answers that has opened a session. */
export const openedSession = { session_id: "<session_id>", expiration: "<expiration>" };

type Field = readonly [field: string, reference: Json, ours: Json];

/** Some fields of one case. */
export const fields = (name: string, ...differences: readonly Field[]): Sighting[] =>
  differences.map(([field, reference, ours]) => ({ in: name, field, reference, ours }));

/** The same field in several cases. */
export const everywhere = (names: readonly string[], field: Field): Sighting[] =>
  names.flatMap((name) => fields(name, field));

/** The reference fails with an exception of its own; this worker answers in JSON. */
export const crash = (name: string, [status, body]: readonly [number, Json]): Sighting[] =>
  fields(
    name,
    ["status", 500, status],
    ["body", "500 Internal Server Error\n\nServer got itself in trouble", body],
    ["content-type", "text/plain; charset=utf-8", "application/json"],
    ["connection", "close", null],
  );

/** Both refuse, the reference without a word. */
export const silence = (name: string, error: string): Sighting[] =>
  fields(name, ["body", "", { error }], ["content-type", null, "application/json"]);

/** The reference sends the request to the model; this worker refuses it. */
export const servedThere = (name: string, [status, body]: readonly [number, Json]): Sighting[] =>
  fields(name, ["status", 200, status], ["body", modelAnswer, body], ["server", "pyworker-stand-in", null]);

/** The reference refuses; this worker sends the request to the model. */
export const servedHere = (name: string, [status, body]: readonly [number, Json]): Sighting[] =>
  fields(name, ["status", status, 200], ["body", body, modelAnswer], ["server", null, "pyworker-stand-in"]);
