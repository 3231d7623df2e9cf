import { until } from "@pyworker/testing";
import { call } from "../call.ts";
import type { Json, Observation } from "../observation.ts";
import { askSession, expirationOf, inSession, type OpenSession, openSession, sessionAuth } from "../session.ts";
import type { Side } from "../side.ts";
import type { Case } from "./case.ts";

const lifetime = 60;
const badSignature = { signature: "AAAA" };

const requestIn = (side: Side, { id, auth }: OpenSession): Promise<Observation> =>
  call({
    url: `${side.url}/v1/completions`,
    body: { auth_data: auth, session_id: id, payload: { prompt: "hello", max_tokens: 3 } },
  });

/** Makes a request in a session, and says by how many seconds that prolonged it. */
const useSession = (side: Side, auth: (own: object) => object): Promise<Observation> =>
  inSession(side, { lifetime }, async (session) => {
    const before = await expirationOf(side, session);
    const answer = await requestIn(side, { id: session.id, auth: auth(session.auth) });
    return { ...answer, prolonged: (await expirationOf(side, session)) - before };
  });

/** What the model server got when a session closed. */
async function closeCall(side: Side, before: number): Promise<Record<string, Json>> {
  const seen = await until(() => side.model.requests.slice(before).find(({ path }) => path === "/closed"), {
    what: () => "the call of on_close_route",
  });
  const { session_id: id, ...rest } = JSON.parse(seen.body.toString());
  return {
    "on_close: method": seen.method,
    "on_close: names the session": typeof id === "string",
    "on_close: body": rest,
  };
}

export const useCases: readonly Case[] = [
  {
    name: "a request is made in a session",
    run: (side) => useSession(side, (own) => own),
    expected: { status: 200, prolonged: lifetime },
  },
  {
    name: "a request is made in a session that another client opened",
    run: (side) => useSession(side, () => sessionAuth(side)),
    expected: { status: 401, prolonged: 0 },
  },
  {
    name: "an unsigned request names a session",
    run: (side) => useSession(side, (own) => ({ ...own, ...badSignature })),
    expected: { status: 401, prolonged: 0 },
  },
  {
    name: "a session with an on_close_route is ended",
    run: async (side) => {
      const before = side.model.requests.length;
      const payload = { on_close_route: "/closed", on_close_payload: { why: "over" } };
      const answer = await askSession(side, "end", await openSession(side, { payload }));
      return { ...answer, ...(await closeCall(side, before)) };
    },
    expected: {
      status: 200,
      "on_close: method": "POST",
      "on_close: names the session": true,
      "on_close: body": { why: "over" },
    },
  },
  {
    name: "a session's on_close_payload is no object",
    run: async (side) => {
      const before = side.model.requests.length;
      const payload = { on_close_route: "/closed", on_close_payload: ["over"] };
      const answer = await askSession(side, "end", await openSession(side, { payload }));
      return { ...answer, ...(await closeCall(side, before)) };
    },
    expected: { status: 200, "on_close: body": { payload: ["over"] } },
  },
  {
    name: "a session expires",
    run: async (side) => {
      const before = side.model.requests.length;
      const session = await openSession(side, { payload: { lifetime: 0.1, on_close_route: "/closed" } });
      const closing = await closeCall(side, before);
      return { ...closing, ...(await askSession(side, "health", session)) };
    },
    expected: { status: 200, body: { ok: false }, "on_close: names the session": true },
  },
  {
    name: "a session is ended while it is being closed",
    run: async (side) => {
      const before = side.model.requests.length;
      const session = await openSession(side, { payload: { on_close_route: "/closed" } });
      side.model.faults.set({ stall: true });
      const first = askSession(side, "end", session);
      await closeCall(side, before);
      const second = await askSession(side, "end", session);
      side.model.faults.set({});
      // Now the call of on_close_route ends, and with it the closing.
      await side.model.kill();
      await side.model.restart();
      const nameless = JSON.parse(JSON.stringify(second).replaceAll(session.id, "<id>"));
      return { ...nameless, "status of the first": (await first).status ?? null };
    },
    expected: { status: 410, "status of the first": 200 },
  },
  {
    name: "a session is ended while a request runs in it",
    run: async (side) => {
      const before = side.model.requests.length;
      const session = await openSession(side);
      side.model.faults.set({ stall: true });
      try {
        const running = requestIn(side, session);
        const seen = await until(() => side.model.requests[before], { what: () => "the model to get the request" });
        const ended = await askSession(side, "end", session);
        const answer = await running;
        await until(() => seen.abortedAt !== undefined, { what: () => "the model to hear of it" });
        return { ...answer, "status of the end": ended.status ?? null };
      } finally {
        side.model.faults.set({});
      }
    },
    expected: { status: 410, "status of the end": 200 },
  },
];
