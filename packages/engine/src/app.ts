import express, { type Express } from "express";
import { z } from "zod";
import type { Contract } from "./contract.ts";
import type { EngineKeys } from "./keys.ts";
import type { Registry, WorkerView } from "./registry.ts";
import { type Router, routeRequestSchema } from "./routing.ts";

/** What clients ask for by name, and pay for by key. */
export interface Endpoint {
  id: number;
  name: string;
  apiKey: string;
}

export interface EngineParts {
  endpoints: readonly Endpoint[];
  keys: EngineKeys;
  registry: Registry;
  router: Router;
  contract: Contract;
  /** Resolves when a worker has reported, or after so long. */
  nextReport(maxMilliseconds: number): Promise<void>;
  /** A status was recorded. */
  onReport(): void;
  onDelete(requestIdx: number, status: string): void;
}

/** A client polls on its own; held so long, it hears of a ready worker at once. */
const holdMilliseconds = 1000;
const maxReport = "64mb";

/** The engine's HTTP side: what workers report to, and what the Python client asks. */
export function createApp(parts: EngineParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: maxReport }));
  app.get("/", (_request, response) => response.json({ workers: parts.registry.all() }));
  app.get("/pubkey", (_request, response) => response.type("text/plain").send(parts.keys.publicKeyPem));
  addReports(app, parts);
  addRouting(app, parts);
  addEndpoints(app, parts);
  return app;
}

function addReports(app: Express, { contract, onDelete, onReport, registry }: EngineParts): void {
  app.post("/worker_status", (request, response) => {
    const status = contract.readStatus(request.body);
    if (status) {
      registry.record(status);
      onReport();
    }
    response.status(status ? 200 : 422).json({ ok: status !== undefined });
  });
  app.post("/delete_requests", (request, response) => {
    const deletes = contract.readDeletes(request.body);
    for (const { request_idx: requestIdx, status } of deletes?.requests ?? []) {
      onDelete(requestIdx, status);
    }
    response.status(deletes ? 200 : 422).json({ ok: deletes !== undefined });
  });
}

function addRouting(app: Express, { endpoints, nextReport, router }: EngineParts): void {
  app.post("/route", async (request, response) => {
    const parsed = routeRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      response.status(422).json({ error: z.prettifyError(parsed.error) });
      return;
    }
    const { api_key: apiKey, cost, endpoint, request_idx: given } = parsed.data;
    const known = endpoints.find(({ name }) => name === endpoint);
    if (known?.apiKey !== apiKey) {
      const error = known ? "the api_key is not this endpoint's" : `no endpoint is called "${endpoint}"`;
      response.status(known ? 401 : 404).json({ error });
      return;
    }
    const wanted = { cost, endpoint, requestIdx: router.requestIdx(given) };
    const deadline = Date.now() + holdMilliseconds;
    let answer = router.route(wanted);
    while (answer === undefined && Date.now() < deadline) {
      await nextReport(deadline - Date.now());
      answer = router.route(wanted);
    }
    response.json(answer ?? { request_idx: wanted.requestIdx, status: "no worker is ready" });
  });
}

function addEndpoints(app: Express, { endpoints, registry }: EngineParts): void {
  const describe = ({ apiKey, id, name }: Endpoint) => ({
    id,
    endpoint_name: name,
    api_key: apiKey,
    user_id: 1,
    created_at: 0,
    endpoint_state: "active",
  });
  app.get("/api/v0/endptjobs", (_request, response) => {
    response.json({ results: endpoints.map(describe) });
  });
  app.get("/api/v0/endptjobs/:id", (request, response) => {
    const endpoint = endpoints.find(({ id }) => String(id) === request.params.id);
    response
      .status(endpoint ? 200 : 404)
      .json(endpoint ? { result: describe(endpoint) } : { error: "no such endpoint" });
  });
  app.post("/get_endpoint_workers", (request, response) => {
    const isKnown = endpoints.some(({ apiKey, id }) => id === request.body?.id && apiKey === request.body?.api_key);
    response.json(isKnown ? registry.all().map(describeWorker) : { error_msg: "no such endpoint, or a wrong api_key" });
  });
}

const describeWorker = ({ id, lastReportAt, load, perf, report, status }: WorkerView) => ({
  id,
  status,
  cur_load: report.cur_load,
  new_load: report.new_load,
  cur_load_rolling_avg: load,
  cur_perf: report.cur_perf,
  perf,
  measured_perf: perf,
  dlperf: 0,
  reliability: 1,
  reqs_working: report.num_requests_working,
  disk_usage: report.disk_usage,
  loaded_at: lastReportAt,
  started_at: lastReportAt,
});
