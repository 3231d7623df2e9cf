import { type DeleteRequests, deleteRequestsSchema, type WorkerStatus, workerStatusSchema } from "@pyworker/core";

/** A way in which a report breaks the contract. */
export interface Violation {
  workerId: number | undefined;
  rule: string;
  found: string;
}

const knownVersions = ["1.1.0"];
const rememberedDeletes = 100_000;

/** Reads reports, and says what is wrong with them. */
export class Contract {
  readonly #onViolation: (violation: Violation) => void;
  readonly #loadTimes = new Map<number, number>();
  readonly #deleted = new Set<number>();
  readonly #isRouted: (requestIdx: number) => boolean;

  constructor({
    onViolation,
    isRouted,
  }: { onViolation(violation: Violation): void; isRouted(requestIdx: number): boolean }) {
    this.#onViolation = onViolation;
    this.#isRouted = isRouted;
  }

  /** The status, or undefined where it can't be read. */
  readStatus(body: unknown): WorkerStatus | undefined {
    const parsed = workerStatusSchema.safeParse(body);
    if (!parsed.success) {
      this.#report(undefined, "worker_status has the fields of the contract", parsed.error.message);
      return undefined;
    }
    this.#checkStatus(parsed.data);
    return parsed.data;
  }

  readDeletes(body: unknown): DeleteRequests | undefined {
    const parsed = deleteRequestsSchema.safeParse(body);
    if (!parsed.success) {
      this.#report(undefined, "delete_requests has the fields of the contract", parsed.error.message);
      return undefined;
    }
    for (const request of parsed.data.requests) {
      this.#checkDelete(parsed.data.worker_id, request);
    }
    return parsed.data;
  }

  #checkStatus(status: WorkerStatus): void {
    const { id, loadtime, url, version } = status;
    const require = (holds: boolean, rule: string, found: unknown) => {
      if (!holds) {
        this.#report(id, rule, String(found));
      }
    };
    require(knownVersions.includes(version), `version is one of ${knownVersions.join(", ")}`, version);
    require(URL.canParse(url), "url is a URL", url);
    require(status.working_request_idxs.length ===
      status.num_requests_working, "num_requests_working counts working_request_idxs", status.num_requests_working);
    require(loadtime === 0 ||
      this.#loadTimes.get(id) !== loadtime, "loadtime is sent until accepted, then 0", loadtime);
    if (loadtime > 0) {
      this.#loadTimes.set(id, loadtime);
    }
  }

  #checkDelete(workerId: number, request: DeleteRequests["requests"][number]): void {
    const { request_idx: requestIdx, status, success } = request;
    const require = (holds: boolean, rule: string) => {
      if (!holds) {
        this.#report(workerId, rule, JSON.stringify(request));
      }
    };
    require(this.#isRouted(requestIdx), "a deleted request was routed by this engine");
    require(!this.#deleted.has(requestIdx), "a request is deleted once");
    require(success === (status === "Success" || status === "Cancelled"), "success is true for Success and Cancelled");
    require(request.entered_queue_at <= request.work_completed_at, "a request completes after it entered the queue");
    require(request.work_started_at === 0 ||
      request.work_started_at >= request.entered_queue_at, "work starts after the request entered the queue");
    if (this.#deleted.size < rememberedDeletes) {
      this.#deleted.add(requestIdx);
    }
  }

  #report(workerId: number | undefined, rule: string, found: string): void {
    this.#onViolation({ workerId, rule, found });
  }
}
