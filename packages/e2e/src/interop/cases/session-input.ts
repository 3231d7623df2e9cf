import { call } from "../call.ts";
import type { Observation } from "../observation.ts";
import { askSession, inSession, sessionAuth } from "../session.ts";
import type { Side } from "../side.ts";
import type { Case } from "./case.ts";

const invalidJson = { status: 422, body: { error: "invalid JSON" } };
const missingId = { status: 422, body: { error: "missing session_id" } };
const wrongAuth = { status: 401, body: { error: "session_auth is not valid" } };

const routes = ["get", "health", "end"] as const;

const askRaw = (side: Side, route: string, body: unknown): Promise<Observation> =>
  call({ url: `${side.url}/session/${route}`, body });

/** What every route that takes a session makes of input it can't use. */
export const badInputCases: readonly Case[] = routes.flatMap((route) => [
  {
    name: `/session/${route} gets no JSON`,
    run: (side: Side) => askRaw(side, route, "{"),
    expected: invalidJson,
  },
  {
    name: `/session/${route} gets a list`,
    run: (side: Side) => askRaw(side, route, []),
    expected: invalidJson,
  },
  {
    name: `/session/${route} gets no session_id`,
    run: (side: Side) => askSession(side, route, { auth: sessionAuth(side) }),
    expected: missingId,
  },
  {
    name: `/session/${route} gets the wrong session_auth`,
    run: (side: Side) => inSession(side, {}, ({ id }) => askSession(side, route, { id, auth: sessionAuth(side) })),
    expected: wrongAuth,
  },
  {
    name: `/session/${route} gets no session_auth`,
    run: (side: Side) => inSession(side, {}, ({ id }) => askSession(side, route, { id })),
    expected: wrongAuth,
  },
]);
