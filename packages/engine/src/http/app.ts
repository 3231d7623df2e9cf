import express, { type ErrorRequestHandler, type Express } from "express";
import { addEndpointRoutes } from "./endpoint-routes.ts";
import type { EngineParts } from "./parts.ts";
import { addReportRoutes } from "./report-routes.ts";
import { rootCertificate } from "./root-certificate.ts";
import { addRouteRoute } from "./route-route.ts";

const reportPaths = /^\/(worker_status|delete_requests)\b/;
const maxReport = "64mb";

/** The engine's HTTP side: what workers report to, and what the Python client asks. */
export function createApp(parts: EngineParts): Express {
  const { contract, endpoints, keys, registry, violations } = parts;
  const handleError: ErrorRequestHandler = (error: Error & { status?: number }, request, response, _next) => {
    if (error.status === 400 && reportPaths.test(request.path)) {
      contract.reportUnreadable(request.path);
    }
    response.status(error.status ?? 500).json({ error: error.message });
  };
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: maxReport }));
  app.get("/", (_request, response) => {
    response.json({ endpoints: endpoints.map(({ name }) => name), workers: registry.all(), violations });
  });
  app.get("/pubkey", (_request, response) => response.type("text/plain").send(keys.publicKeyPem));
  app.get("/static/jvastai_root.cer", (_request, response) => {
    response.type("application/x-pem-file").send(rootCertificate);
  });
  addReportRoutes(app, parts);
  addRouteRoute(app, parts);
  addEndpointRoutes(app, parts);
  app.use((request, response) => {
    response.status(404).json({ error: `this engine has no ${request.method} ${request.path}` });
  });
  app.use(handleError);
  return app;
}
