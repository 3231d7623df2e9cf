import type { RequestListener } from "node:http";
import { createExpress, post } from "./app.ts";
import { sendJson } from "./send-error.ts";
import type { Services } from "./services.ts";
import { endSession } from "./session-routes.ts";

/** The internal port: webhooks that end sessions, metrics, and probes. */
export function createInternalApp(services: Services): RequestListener {
  const { lifecycle, telemetry } = services;
  const app = createExpress();
  post(app, "/session/end", { services, route: (client) => endSession(services, client) });
  app.get("/metrics", async (_request, response) => {
    const body = await telemetry.registry.metrics();
    response.writeHead(200, { "content-type": telemetry.registry.contentType }).end(body);
  });
  app.get("/healthz", (_request, response) => sendJson(response, 200, { ok: true }));
  app.get("/readyz", (_request, response) => {
    const { errorMessage, state } = lifecycle;
    sendJson(response, state === "ready" ? 200 : 503, {
      ready: state === "ready",
      state,
      error: errorMessage || undefined,
    });
  });
  app.use((_request, response) => sendJson(response, 404, { error: "not found" }));
  return app;
}
