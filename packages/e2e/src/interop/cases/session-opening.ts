import {
  askSession,
  create,
  type OpenSession,
  openSession,
  sessionAuth,
  sessionPayload,
  tryToOpen,
} from "../session.ts";
import { maxSessions } from "../side.ts";
import type { Case } from "./case.ts";

const badSignature = { signature: "AAAA" };
const invalidJson = { status: 422, body: { error: "invalid JSON" } };

export const createCases: readonly Case[] = [
  {
    name: "a session is opened",
    run: (side) => tryToOpen(side, {}),
    expected: { status: 201, body: { session_id: "<session_id>", expiration: "<expiration>" } },
  },
  {
    name: "a session is opened with an empty payload",
    run: (side) => tryToOpen(side, { payload: {} }),
    expected: { status: 201 },
  },
  {
    name: "a session is opened with the wrong signature",
    run: (side) => tryToOpen(side, { auth: sessionAuth(side, badSignature) }),
    expected: { status: 401 },
  },
  {
    name: "a session's lifetime is no number",
    run: (side) => tryToOpen(side, { payload: { ...sessionPayload, lifetime: "long" } }),
    expected: { status: 422 },
  },
  {
    name: "a session's lifetime is negative",
    run: (side) => tryToOpen(side, { payload: { ...sessionPayload, lifetime: -1 } }),
    expected: { status: 422 },
  },
  {
    name: "a session's on_close_route leads to another host",
    run: (side) => tryToOpen(side, { payload: { ...sessionPayload, on_close_route: "http://127.0.0.2:9/" } }),
    expected: { status: 422 },
  },
  { name: "/session/create gets no JSON", run: async (side) => (await create(side, "{")).seen, expected: invalidJson },
  {
    name: "/session/create gets a list",
    run: async (side) => (await create(side, [])).seen,
    expected: { status: 422 },
  },
  {
    name: "/session/create gets an empty object",
    run: async (side) => (await create(side, {})).seen,
    expected: { status: 422 },
  },
  {
    name: "/session/create gets no payload",
    run: async (side) => (await create(side, { auth_data: sessionAuth(side) })).seen,
    expected: { status: 422 },
  },
  {
    name: "there are as many sessions as there may be",
    run: async (side) => {
      const opened: OpenSession[] = [];
      try {
        while (opened.length < maxSessions) {
          opened.push(await openSession(side));
        }
        return (await create(side, { auth_data: sessionAuth(side), payload: sessionPayload })).seen;
      } finally {
        await Promise.all(opened.map((session) => askSession(side, "end", session)));
      }
    },
    expected: { status: 429 },
  },
];
