import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { WorkerError } from "../errors.ts";
import { describeIssues } from "../handler.ts";
import { parseJson } from "../json.ts";
import type { Session } from "../sessions.ts";
import { admitSession } from "./accounted.ts";
import { authenticate } from "./authenticate.ts";
import { invalidRequest, readEnvelope } from "./envelope.ts";
import { isJsonObject } from "./json-members.ts";
import { sendJson } from "./send-error.ts";
import type { Services } from "./services.ts";

const maxBodyBytes = 1024 * 1024;

const createSchema = z.looseObject({
  lifetime: z.number().positive().max(31_536_000).default(60),
  on_close_route: z.string().nullish(),
  on_close_payload: z.unknown().optional(),
});

export interface Client {
  request: IncomingMessage;
  response: ServerResponse;
}

/** `POST /session/create`: reserves the worker for one client until the session ends or expires. */
export async function createSession(services: Services, { request, response }: Client): Promise<void> {
  const { UNSECURED: unsecured, publicUrl: ownUrl } = services.config.environment;
  const envelope = readEnvelope(await services.bodies.read(request, maxBodyBytes), { unsecured, ownUrl });
  await authenticate(services, envelope.authData, envelope.authText);
  const parsed = createSchema.safeParse(envelope.payload);
  if (!parsed.success) {
    throw invalidRequest({ payload: describeIssues(parsed.error) });
  }
  const { lifetime, on_close_route: route, on_close_payload: onClosePayload } = parsed.data;
  const onCloseUrl = route ? resolveCloseUrl(services, route) : undefined;
  const session = admitSession(services, envelope.authData, () =>
    services.sessions.create({
      authData: envelope.authData,
      auth: envelope.auth,
      lifetime,
      onCloseRoute: route ?? null,
      onCloseUrl,
      onClosePayload: route ? (onClosePayload ?? null) : null,
    }),
  );
  sendJson(response, 201, { session_id: session.id, expiration: session.expiration });
}

/** `POST /session/get`: what is known of a session. */
export async function getSession(services: Services, { request, response }: Client): Promise<void> {
  const { session } = await findSession(services, request);
  if (session === undefined) {
    sendJson(response, 400, { error: "session does not exist" });
    return;
  }
  sendJson(response, 200, {
    session_id: session.id,
    auth_data: session.auth,
    lifetime: session.lifetime,
    expiration: session.expiration,
    created_at: session.createdAt,
    on_close_route: session.onCloseRoute,
    on_close_payload: session.onClosePayload,
  });
}

/** `POST /session/health`: whether a session is still open. */
export async function checkSession(services: Services, { request, response }: Client): Promise<void> {
  const { session } = await findSession(services, request);
  sendJson(response, 200, { ok: session !== undefined });
}

/** `POST /session/end`: closes a session and what runs in it. */
export async function endSession(services: Services, { request, response }: Client): Promise<void> {
  const { id, session } = await findSession(services, request);
  if (session === undefined) {
    const isClosing = services.sessions.isClosing(id);
    sendJson(response, isClosing ? 410 : 400, {
      error: isClosing ? "session already closed" : `session with id ${id} not found`,
    });
    return;
  }
  await services.sessions.close(id);
  sendJson(response, 200, { ended: true, removed_session: id });
}

/** Reads `{session_id, session_auth}`. Throws WorkerError 422, or 401 where the session belongs to somebody else. */
async function findSession(
  { bodies, sessions }: Services,
  request: IncomingMessage,
): Promise<{ id: string; session: Session | undefined }> {
  const body = readObject(await bodies.read(request, maxBodyBytes));
  const id = body.session_id;
  if (typeof id !== "string" || id === "") {
    throw new WorkerError("invalid_request", "missing session_id");
  }
  const session = sessions.get(id);
  if (session !== undefined && !sessions.matches(session, body.session_auth)) {
    throw new WorkerError("unauthorized", "session_auth is not valid");
  }
  return { id, session };
}

function readObject(body: Buffer): Record<string, unknown> {
  try {
    const value = isUtf8(body) ? parseJson(body.toString()) : undefined;
    if (isJsonObject(value)) {
      return value;
    }
  } catch {
    // Answered below, like every other body that is no object.
  }
  throw new WorkerError("invalid_json", "invalid JSON");
}

/** A path is the model server's; another host must be allowed, or a session could call anything this machine reaches. */
function resolveCloseUrl({ config }: Services, route: string): string {
  const url = URL.canParse(route, config.modelUrl.href) ? new URL(route, config.modelUrl) : undefined;
  const isOwn = url?.origin === config.modelUrl.origin;
  const isAllowed = url !== undefined && config.environment.SESSION_CLOSE_HOSTS.includes(url.hostname);
  if (url === undefined || !/^https?:$/.test(url.protocol) || !(isOwn || isAllowed)) {
    throw invalidRequest({
      payload: { on_close_route: "expected a path, or a URL whose host SESSION_CLOSE_HOSTS names" },
    });
  }
  return url.href;
}
