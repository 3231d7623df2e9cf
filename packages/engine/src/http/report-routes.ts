import type { Express } from "express";
import type { EngineParts } from "./parts.ts";

/** What workers report. A report that can't be read is answered with what is wrong with it. */
export function addReportRoutes(app: Express, { contract, onEnded, onReport, registry }: EngineParts): void {
  app.post("/worker_status", (request, response) => {
    const read = contract.readStatus(request.body);
    if (!read.ok) {
      response.status(422).json({ error: read.problem });
      return;
    }
    registry.record(read.report);
    onReport();
    response.json({ ok: true });
  });
  app.post("/delete_requests", (request, response) => {
    const read = contract.readDeletes(request.body);
    if (!read.ok) {
      response.status(422).json({ error: read.problem });
      return;
    }
    for (const { request_idx: requestIdx, status } of read.report.requests) {
      onEnded(requestIdx, status);
    }
    response.json({ ok: true });
  });
}
