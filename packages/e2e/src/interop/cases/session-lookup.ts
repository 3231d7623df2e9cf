import { call } from "../call.ts";
import { askSession, inSession, openSession, sessionAuth } from "../session.ts";
import type { Case } from "./case.ts";

const lifetime = 60;
const unknownId = "NoSuchSession";

export const askCases: readonly Case[] = [
  {
    name: "/session/get asks for an open session",
    run: (side) => inSession(side, { lifetime }, (session) => askSession(side, "get", session)),
    expected: { status: 200 },
  },
  {
    name: "/session/get asks for a session with everything in it",
    run: (side) => {
      const payload = { lifetime: 1.5, on_close_route: "/closed", on_close_payload: { why: "over" } };
      return inSession(side, payload, (session) => askSession(side, "get", session));
    },
    expected: { status: 200 },
  },
  {
    name: "/session/get asks for a session that does not exist",
    run: (side) => askSession(side, "get", { id: unknownId, auth: sessionAuth(side) }),
    expected: { status: 400, body: { error: "session does not exist" } },
  },
  {
    name: "/session/health asks for an open session",
    run: (side) => inSession(side, {}, (session) => askSession(side, "health", session)),
    expected: { status: 200, body: { ok: true } },
  },
  {
    name: "/session/health asks for a session that does not exist",
    run: (side) => askSession(side, "health", { id: unknownId, auth: sessionAuth(side) }),
    expected: { status: 200, body: { ok: false } },
  },
  {
    name: "/session/end ends a session",
    run: async (side) => askSession(side, "end", await openSession(side)),
    expected: { status: 200, body: { ended: true, removed_session: "<removed_session>" } },
  },
  {
    name: "/session/end ends a session that does not exist",
    run: (side) => askSession(side, "end", { id: unknownId, auth: sessionAuth(side) }),
    expected: { status: 400, body: { error: `session with id ${unknownId} not found` } },
  },
  {
    name: "/session/end on the internal port ends a session",
    run: async (side) => {
      const { auth, id } = await openSession(side);
      return call({ url: `${side.internalUrl}/session/end`, body: { session_id: id, session_auth: auth } });
    },
    expected: { status: 200, body: { ended: true, removed_session: "<removed_session>" } },
  },
];
