import type { SignedAuthData } from "@pyworker/testing";
import type { WorkerUnderTest } from "./start-worker.ts";

/** A session as its client knows it. */
export interface OpenSession {
  id: string;
  expiration: number;
  /** The `auth_data` it was created with, which is its key. */
  auth: SignedAuthData;
}

/** Creates a session that must be granted. */
export async function openSession(
  worker: WorkerUnderTest,
  payload: Readonly<Record<string, unknown>> = {},
  auth: SignedAuthData = worker.authData(),
): Promise<OpenSession> {
  const response = await worker.send("/session/create", payload, { auth });
  const text = await response.text();
  if (response.status !== 201) {
    throw new Error(`no session: status ${response.status}, ${text}`);
  }
  const { session_id: id, expiration } = JSON.parse(text);
  return { id, expiration, auth };
}

/** Asks one of the routes that take a session's id and key. */
export const askSession = (
  worker: WorkerUnderTest,
  route: "get" | "health" | "end",
  { auth, id }: Pick<OpenSession, "auth" | "id">,
): Promise<Response> => worker.post(`/session/${route}`, { session_id: id, session_auth: auth });
