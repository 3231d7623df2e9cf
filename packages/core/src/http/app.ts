import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import express, { type Express } from "express";
import { WorkerError } from "../errors.ts";
import { findControl, handleControl } from "./controls.ts";
import { handleRequest } from "./handle-request.ts";
import type { Passthrough } from "./passthrough.ts";
import { sendError } from "./send-error.ts";
import type { Services } from "./services.ts";
import { checkSession, createSession, endSession, getSession } from "./session-routes.ts";
import { handleUpdate } from "./update-route.ts";

type Route = (client: { request: IncomingMessage; response: ServerResponse }) => Promise<void>;

/** What the public server calls: for requests, and for WebSocket upgrades. */
export type PublicListener = RequestListener & {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
};

/** The public port: the handlers' routes, sessions, updates, and what may pass through. */
export function createApp(services: Services, passthrough: Passthrough): PublicListener {
  const { config } = services;
  const app = createExpress();
  const handlers = new Map(config.handlers.map((handler) => [handler.route, handler]));
  for (const { route } of config.handlers) {
    app.all(route, (_request, response) => sendError(response, methodNotAllowed(), services));
  }
  post(app, "/session/create", { services, route: (client) => createSession(services, client) });
  post(app, "/session/get", { services, route: (client) => getSession(services, client) });
  post(app, "/session/health", { services, route: (client) => checkSession(services, client) });
  post(app, "/session/end", { services, route: (client) => endSession(services, client) });
  post(app, "/pyworker/update", { services, route: (client) => handleUpdate(config.environment, client) });
  app.use((_request, response) => {
    sendError(response, new WorkerError("not_found", "no handler names this route"), services);
  });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (services.lifecycle.state === "draining") {
      response.setHeader("connection", "close");
    }
    const fault = requestFault(request);
    const handler = request.method === "POST" ? handlers.get(request.url?.split("?", 1)[0] ?? "") : undefined;
    const control = handler ? undefined : findControl(config.handlers, request);
    const route = handler ? undefined : passthrough.find(request);
    if (fault !== undefined) {
      sendError(response, new WorkerError("bad_request", fault, { headers: { connection: "close" } }), services);
    } else if (handler !== undefined) {
      // Not by way of express: of what a request costs, a tenth would be finding its route.
      handleRequest(services, handler, { request, response }).catch((error) => sendError(response, error, services));
    } else if (control !== undefined) {
      handleControl(services, control, { request, response }).catch((error) => sendError(response, error, services));
    } else if (route !== undefined) {
      passthrough.handle(route, { request, response }).catch((error) => sendError(response, error, services));
    } else {
      app(request, response);
    }
  };
  return Object.assign(answer, {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(passthrough, { request, socket, head }),
  });
}

function upgrade(passthrough: Passthrough, client: { request: IncomingMessage; socket: Duplex; head: Buffer }): void {
  const { request, socket } = client;
  const route = requestFault(request) === undefined ? passthrough.find(request) : undefined;
  // The connection belongs to nobody yet: without a listener, a reset would end the process.
  socket.on("error", () => socket.destroy());
  if (route === undefined) {
    refuseUpgrade(socket, new WorkerError("not_found", "no handler names this route"));
    return;
  }
  passthrough.upgrade(route, client).catch((error) => refuseUpgrade(socket, error));
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { body, status } = WorkerError.is(error) ? error : new WorkerError("model_unreachable", "the upgrade failed");
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

/** An express application with all off that the worker doesn't use, and paths matched to the letter. */
export function createExpress(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  return app;
}

/** Answers `path` by a route that may throw; any other method gets 405. */
export function post(app: Express, path: string, { services, route }: { services: Services; route: Route }): void {
  app.post(path, (request, response) => {
    route({ request, response }).catch((error) => sendError(response, error, services));
  });
  app.all(path, (_request, response) => sendError(response, methodNotAllowed(), services));
}

const methodNotAllowed = (): WorkerError =>
  new WorkerError("method_not_allowed", "only POST is allowed here", { headers: { allow: "POST" } });

// Node takes the first of several Host headers, absolute URLs, fragments, and requests without a version: ways for two
// servers to read one request differently.
function requestFault({ httpVersionMajor, rawHeaders, url }: IncomingMessage): string | undefined {
  if (httpVersionMajor !== 1) {
    return "the request must be HTTP/1.1";
  }
  if (!url?.startsWith("/") || url.includes("#")) {
    return "the request's target must be a path";
  }
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "host") {
      hosts += 1;
    }
  }
  return hosts > 1 ? "the request has more than one Host header" : undefined;
}
