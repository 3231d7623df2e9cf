import type { Express } from "express";
import { z } from "zod";
import type { WorkerView } from "../registry.ts";
import type { Endpoint, EngineParts } from "./parts.ts";
import { updateWorkers } from "./update-workers.ts";

const workersSchema = z.looseObject({ id: z.int() });

/**
 * What the Python client asks of the console and of the engine. It sends its account's API key, and a local engine knows
 * no accounts: any key will do. Every worker serves every endpoint.
 */
export function addEndpointRoutes(app: Express, { endpoints, registry }: EngineParts): void {
  app.get("/api/v0/endptjobs", (_request, response) => {
    response.json({ results: endpoints.map(describeEndpoint) });
  });
  app.get("/api/v0/endptjobs/:id", (request, response) => {
    const endpoint = endpoints.find(({ id }) => String(id) === request.params.id);
    if (endpoint) {
      response.json({ result: describeEndpoint(endpoint) });
    } else {
      response.status(404).json({ error: `no endpoint has the id ${request.params.id}` });
    }
  });
  app.post("/get_endpoint_workers", (request, response) => {
    const asked = workersSchema.safeParse(request.body).data;
    const isKnown = endpoints.some(({ id }) => id === asked?.id);
    response.json(isKnown ? registry.all().map(describeWorker) : { error_msg: `no endpoint has the id ${asked?.id}` });
  });
  app.post("/update_workers", async (_request, response) => {
    const failed = await updateWorkers(registry);
    response.status(failed.length === 0 ? 200 : 502).json({ ok: failed.length === 0, failed });
  });
}

const describeEndpoint = ({ apiKey, id, name }: Endpoint) => ({
  id,
  endpoint_name: name,
  api_key: apiKey,
  user_id: 1,
  created_at: 0,
  endpoint_state: "active",
});

const describeWorker = ({ firstReportAt, id, load, perf, readyAt, report, status }: WorkerView) => ({
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
  loaded_at: readyAt,
  started_at: firstReportAt,
});
