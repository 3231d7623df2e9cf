import type { IncomingMessage, ServerResponse } from "node:http";
import { WorkerError } from "../errors.ts";
import { defaultWorkload, type Handler, type PreparedRequest } from "../handler.ts";
import { runAccounted } from "./accounted.ts";
import { type Envelope, invalidRequest } from "./envelope.ts";
import { execute } from "./execute.ts";
import { forward } from "./forward.ts";
import { openEnvelope } from "./open-envelope.ts";
import { serve } from "./serve.ts";
import type { Services } from "./services.ts";

interface Client {
  request: IncomingMessage;
  response: ServerResponse;
}

/** A request's whole way through the worker. Throws WorkerError for what the client is to be told. */
export function handleRequest(services: Services, handler: Handler, client: Client): Promise<void> {
  return services.requests.run(client.response, (controller) =>
    serveRequest(services, handler, { client, controller }),
  );
}

interface ServedClient {
  client: Client;
  controller: AbortController;
}

async function serveRequest(services: Services, handler: Handler, { client, controller }: ServedClient): Promise<void> {
  const { signal } = controller;
  const body = await services.bodies.read(client.request, handler.maxBodyBytes);
  const envelope = await openEnvelope(services, client.request, body);
  const leaveSession = joinSession(services, envelope, controller);
  try {
    const prepared = preparePayload(handler, envelope.payload);
    const workload = estimateWorkload(services, handler, prepared);
    const { route, allowParallelRequests, maxQueueTime } = handler;
    const kind = envelope.sessionId === undefined ? "request" : "in-session";
    const job = {
      route,
      allowParallelRequests,
      maxQueueTime,
      authData: envelope.authData,
      workload,
      kind,
      signal,
    } as const;
    await runAccounted(services, job, async (entry, place) => {
      const settle = (actual: number) => services.ledger.settle(entry, actual);
      const remaining = (left: number) => services.ledger.progress(entry, left);
      if (handler.kind === "serve") {
        return serve(prepared, { ...place, signal, settle, remaining }, client);
      }
      await place.turn();
      if (handler.kind === "execute") {
        return execute(prepared, { signal, settle }, client);
      }
      const target = {
        model: services.model,
        path: handler.modelRoute,
        modelApiKey: services.config.environment.MODEL_API_KEY,
      };
      const { payloadBytes, payloadType } = envelope;
      return forward(target, { prepared, payloadBytes, payloadType, workload, settle, remaining, signal }, client);
    });
  } finally {
    leaveSession();
  }
}

/** A request that names a session keeps it alive, and ends with it. Throws WorkerError 410 or 401. */
function joinSession({ sessions }: Services, { auth, sessionId }: Envelope, controller: AbortController): () => void {
  if (sessionId === undefined) {
    return () => {};
  }
  const session = sessions.get(sessionId);
  if (session === undefined) {
    throw new WorkerError("invalid_session", "invalid session");
  }
  if (!sessions.matches(session, auth)) {
    throw new WorkerError("unauthorized", "auth_data is not the one that created the session");
  }
  sessions.extend(session);
  sessions.track(session, controller);
  return () => sessions.untrack(session, controller);
}

function preparePayload(handler: Handler, payload: unknown): PreparedRequest {
  const prepared = handler.prepare(payload);
  if ("problems" in prepared) {
    throw invalidRequest({ payload: prepared.problems });
  }
  return prepared;
}

const complainedAbout = new WeakSet<Handler>();

/** The handler's own figure; 100 where it throws or makes no sense, which is logged once for a handler. */
export function estimateWorkload({ log }: Pick<Services, "log">, handler: Handler, prepared: PreparedRequest): number {
  let found: unknown;
  try {
    const workload = prepared.workload();
    if (Number.isFinite(workload) && workload >= 0) {
      return workload;
    }
    found = workload;
  } catch (error) {
    found = error;
  }
  if (!complainedAbout.has(handler)) {
    complainedAbout.add(handler);
    log.warn(
      { route: handler.route, found: String(found) },
      `workload is not a number of 0 or more: counting ${defaultWorkload}`,
    );
  }
  return defaultWorkload;
}
