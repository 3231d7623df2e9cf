import { call, exchange } from "./call.ts";
import { isRecord, type Json, type Observation } from "./observation.ts";
import type { Side } from "./side.ts";

/** A session as the client that opened it knows it. */
export interface OpenSession {
  id: string;
  auth: object;
}

/** `auth_data` with its cost as a number: the reference opens no session for a cost that is text. */
export const sessionAuth = ({ engine, url }: Side, fields: object = {}): object => ({
  ...engine.signer.authData(url),
  cost: 256,
  ...fields,
});

/** What the Python client sends to open a session, unless told otherwise. */
export const sessionPayload = { lifetime: 60, on_close_route: null, on_close_payload: null };

/** Opens a session. Throws where the worker refuses. */
export async function openSession(
  side: Side,
  { auth = sessionAuth(side), payload = {} }: { auth?: object; payload?: object } = {},
): Promise<OpenSession> {
  const { body, seen } = await create(side, { auth_data: auth, payload: { ...sessionPayload, ...payload } });
  const id = idIn(body);
  if (id === undefined) {
    throw new Error(`the ${side.name} worker opens no session: ${JSON.stringify(seen)}`);
  }
  return { id, auth };
}

/** What `/session/create` answers to a body. Where that opened a session, it is ended again. */
export async function tryToOpen(
  side: Side,
  { auth = sessionAuth(side), payload = sessionPayload }: { auth?: object; payload?: object },
): Promise<Observation> {
  const { body, seen } = await create(side, { auth_data: auth, payload });
  const id = idIn(body);
  if (id !== undefined) {
    await askSession(side, "end", { id, auth });
  }
  return seen;
}

export const create = (side: Side, body: unknown): Promise<{ seen: Observation; body: Json }> =>
  exchange({ url: `${side.url}/session/create`, body });

/** Asks a route that takes `{session_id, session_auth}`. */
export const askSession = (
  side: Side,
  route: "get" | "health" | "end",
  { auth, id }: { id?: string; auth?: object },
): Promise<Observation> => call({ url: `${side.url}/session/${route}`, body: { session_id: id, session_auth: auth } });

/** Opens a session, does something with it, and ends it. */
export async function inSession<Result>(
  side: Side,
  payload: object,
  act: (session: OpenSession) => Promise<Result>,
): Promise<Result> {
  const session = await openSession(side, { payload });
  try {
    return await act(session);
  } finally {
    await askSession(side, "end", session);
  }
}

/** When a session expires, in Unix seconds. */
export async function expirationOf(side: Side, { auth, id }: OpenSession): Promise<number> {
  const { body } = await exchange({ url: `${side.url}/session/get`, body: { session_id: id, session_auth: auth } });
  return isRecord(body) ? Number(body.expiration) : Number.NaN;
}

const idIn = (body: Json): string | undefined =>
  isRecord(body) && typeof body.session_id === "string" ? body.session_id : undefined;
