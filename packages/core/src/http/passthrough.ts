import { Agent, type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { RequestHandler } from "http-proxy-middleware";
import type { AuthData } from "../auth/auth-data.ts";
import type { Handler } from "../handler.ts";
import type { PassthroughRoute } from "../other-routes.ts";
import { runAccounted } from "./accounted.ts";
import { unreachable } from "./forward.ts";
import { authenticateByHeader } from "./header-auth.ts";
import type { WorkResult } from "./job.ts";
import { sendError } from "./send-error.ts";
import type { Services } from "./services.ts";

/** Requests that go to the model server as they are, once they are signed and a handler has named them. */
export interface Passthrough {
  /** The route that names this request, if any does. */
  find(request: IncomingMessage): PassthroughRoute | undefined;
  handle(route: PassthroughRoute, client: { request: IncomingMessage; response: ServerResponse }): Promise<void>;
  upgrade(route: PassthroughRoute, client: { request: IncomingMessage; socket: Duplex; head: Buffer }): Promise<void>;
  stop(): void;
}

const idleMilliseconds = 4000;

const nothingPasses: Passthrough = {
  find: () => undefined,
  handle: async () => {},
  upgrade: async () => {},
  stop: () => {},
};

/** Loads the proxy only where there is something to pass: it takes a twentieth of a second. */
export async function createPassthrough(services: Services, handlers: readonly Handler[]): Promise<Passthrough> {
  const routes = handlers.flatMap(({ passthrough }) => passthrough);
  return routes.length > 0 ? createProxied(services, routes) : nothingPasses;
}

async function createProxied(services: Services, routes: readonly PassthroughRoute[]): Promise<Passthrough> {
  const { createProxyMiddleware } = await import("http-proxy-middleware");
  const agent = new Agent({ keepAlive: true, timeout: idleMilliseconds });
  const target = services.config.modelUrl.href.replace(/\/$/, "");
  const proxy = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target,
    agent,
    changeOrigin: true,
    router: (request) => findRoute(routes, request)?.origin ?? target,
    on: {
      proxyRes: (proxied, _request, response) => {
        proxied.once("close", () => {
          if (!proxied.complete) {
            response.destroy();
          }
        });
      },
      error: (error, _request, client) => {
        if (client instanceof ServerResponse) {
          sendError(client, unreachable(error), services);
        } else {
          client.destroy();
        }
      },
    },
  });
  const modelApiKey = services.config.environment.MODEL_API_KEY;
  return {
    find: (request) => findRoute(routes, request),
    handle: (route, { request, response }) =>
      services.requests.run(response, async ({ signal }) => {
        const { authData } = await authenticateByHeader(services, request);
        stripRequest(request, modelApiKey);
        await runAccounted(services, jobOf(route, authData, signal), async (_entry, place) => {
          await place.turn();
          return runProxy(proxy, { request, response, signal });
        });
      }),
    upgrade: (route, { request, socket, head }) =>
      services.requests.run(socket, async ({ signal }) => {
        const { authData } = await authenticateByHeader(services, request);
        stripRequest(request, modelApiKey);
        await runAccounted(services, jobOf(route, authData, signal), async (_entry, place) => {
          await place.turn();
          signal.addEventListener("abort", () => socket.destroy(), { once: true });
          proxy.upgrade(request, socket as Socket, head);
          await new Promise((resolve) => socket.once("close", resolve));
          return { outcome: "Success", status: 101 };
        });
      }),
    stop: () => agent.destroy(),
  };
}

interface ProxiedClient {
  request: IncomingMessage;
  response: ServerResponse;
  signal: AbortSignal;
}

/** Resolves when the answer has ended; rejects with the signal's reason when it was cut off. */
function runProxy(proxy: RequestHandler, { request, response, signal }: ProxiedClient): Promise<WorkResult> {
  signal.addEventListener("abort", () => response.destroy(), { once: true });
  return new Promise((resolve, reject) => {
    response.once("close", () => {
      const { statusCode: status, writableFinished } = response;
      if (signal.aborted) {
        reject(signal.reason);
      }
      resolve({ outcome: writableFinished && status < 400 ? "Success" : "Error", status });
    });
    proxy(request, response, reject).catch(reject);
  });
}

const jobOf = (route: PassthroughRoute, authData: AuthData, signal: AbortSignal) => ({
  route: route.path,
  authData,
  workload: route.workload ?? 0,
  kind: "request" as const,
  allowParallelRequests: true,
  maxQueueTime: null,
  signal,
});

function findRoute(routes: readonly PassthroughRoute[], request: IncomingMessage): PassthroughRoute | undefined {
  const path = request.url?.split("?", 1)[0] ?? "";
  const method = request.headers.upgrade?.toLowerCase() === "websocket" ? "WEBSOCKET" : request.method;
  return routes.find((route) => route.method === method && matchesPath(route.path, path));
}

/** Anything that a model server could read as another path than we do (dots, encoded slashes) matches nothing. */
const ambiguousPath = /\/\/|\\|%2e|%2f|%5c|%00|\/\.{1,2}(\/|$)/i;

function matchesPath(pattern: string, path: string): boolean {
  if (ambiguousPath.test(path)) {
    return false;
  }
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

const keptHeaders =
  /^(host|connection|upgrade|sec-websocket-.*|content-(type|length|encoding)|transfer-encoding|accept|range|if-.*|traceparent|tracestate)$/;

/** Cuts off what is meant for the worker and the engine, and all that could carry a client's credentials. */
function stripRequest(request: IncomingMessage, modelApiKey: string | undefined): void {
  for (const name of Object.keys(request.headers)) {
    if (!keptHeaders.test(name)) {
      delete request.headers[name];
    }
  }
  keepOwnHop(request.headers);
  if (modelApiKey !== undefined) {
    request.headers.authorization = `Bearer ${modelApiKey}`;
  }
  const [path = "/", search = ""] = (request.url ?? "/").split("?");
  const kept = search.split("&").filter((part) => part && !/^(serverless_|api_key(=|$))/.test(part));
  request.url = kept.length > 0 ? `${path}?${kept.join("&")}` : path;
}

/**
 * Keeps an upgrade, and nothing else that is about the client's connection: ours to the model is another one, and a proxy
 * before the model would take off any header named there, the body's length among them.
 */
function keepOwnHop(headers: IncomingHttpHeaders): void {
  const isUpgrade = headers.connection
    ?.toLowerCase()
    .split(/\s*,\s*/)
    .includes("upgrade");
  delete headers.connection;
  if (isUpgrade) {
    headers.connection = "upgrade";
  } else {
    delete headers.upgrade;
  }
}
