import { type DeleteRequests, deleteRequestsSchema, type WorkerStatus, workerStatusSchema } from "@pyworker/core";
import { z } from "zod";
import { readFailedLaunch } from "./failed-launch.ts";
import { type History, nextHistory, statusRules } from "./status-rules.ts";

/** A way in which a report breaks the contract. */
export interface Violation {
  /** Undefined where the report doesn't say. */
  workerId: number | undefined;
  /** What should hold. */
  rule: string;
  found: string;
}

export type Read<Report> = { ok: true; report: Report } | { ok: false; problem: string };

interface ContractOptions {
  onViolation(violation: Violation): void;
  /** Takes note that a request has ended. */
  end(requestIdx: number): "known" | "unknown" | "again";
  /** Unix seconds. */
  now(): number;
}

type EndedRequest = DeleteRequests["requests"][number];

/** Reads reports, and says what is wrong with them. Knows nothing of HTTP. */
export class Contract {
  readonly #options: ContractOptions;
  readonly #workers = new Map<number, { history: History; broken: ReadonlySet<string> }>();

  constructor(options: ContractOptions) {
    this.#options = options;
  }

  /** The status, or what is wrong with it where it can't be used. */
  readStatus(body: unknown): Read<WorkerStatus> {
    const failed = readFailedLaunch(body);
    if (failed) {
      // Whoever reports next is another process, with a history of its own.
      this.#workers.delete(failed.id);
      return { ok: true, report: failed };
    }
    const read = this.#read("worker_status", workerStatusSchema, body);
    if (read.ok) {
      this.#checkStatus(read.report);
    }
    return read;
  }

  readDeletes(body: unknown): Read<DeleteRequests> {
    const read = this.#read("delete_requests", deleteRequestsSchema, body);
    if (read.ok) {
      for (const request of read.report.requests) {
        this.#checkEnded(read.report.worker_id, request);
      }
    }
    return read;
  }

  /** For a report that isn't even JSON. */
  reportUnreadable(path: string): void {
    this.#options.onViolation({ workerId: undefined, rule: "a report is JSON", found: `something else at ${path}` });
  }

  #read<Report>(name: string, schema: z.ZodType<Report>, body: unknown): Read<Report> {
    const parsed = schema.safeParse(body);
    if (parsed.success) {
      return { ok: true, report: parsed.data };
    }
    const problem = z.prettifyError(parsed.error);
    const workerId = readWorkerId(body);
    this.#options.onViolation({ workerId, rule: `${name} has the fields of the contract`, found: problem });
    return { ok: false, problem };
  }

  /** A rule that stays broken is said once, until it has held again. */
  #checkStatus(status: WorkerStatus): void {
    const { id } = status;
    const known = this.#workers.get(id);
    const report = { status, now: this.#options.now(), before: known?.history };
    const broken = statusRules.filter(({ holds }) => !holds(report));
    for (const { found, rule } of broken.filter((each) => !known?.broken.has(each.rule))) {
      this.#options.onViolation({ workerId: id, rule, found: String(found(report)) });
    }
    this.#workers.set(id, { history: nextHistory(report), broken: new Set(broken.map(({ rule }) => rule)) });
  }

  #checkEnded(workerId: number, request: EndedRequest): void {
    const {
      entered_queue_at: entered,
      status,
      success,
      work_completed_at: completed,
      work_started_at: started,
    } = request;
    const end = this.#options.end(request.request_idx);
    const neverStarted = started === 0 && status !== "Success";
    const rules: readonly [rule: string, holds: boolean][] = [
      ["a deleted request was routed by this engine", end !== "unknown"],
      ["a request is deleted once for each time it was routed", end !== "again"],
      ["success is true for Success and Cancelled", success === (status === "Success" || status === "Cancelled")],
      ["entered_queue_at <= work_completed_at", entered <= completed],
      [
        "entered_queue_at <= work_started_at <= work_completed_at, or it never started",
        neverStarted || (entered <= started && started <= completed),
      ],
    ];
    for (const [rule] of rules.filter(([, holds]) => !holds)) {
      this.#options.onViolation({ workerId, rule, found: JSON.stringify(request) });
    }
  }
}

const anyIdSchema = z.union([
  z.object({ id: z.number() }).transform(({ id }) => id),
  z.object({ worker_id: z.number() }).transform(({ worker_id: id }) => id),
]);

const readWorkerId = (body: unknown): number | undefined => anyIdSchema.safeParse(body).data;
