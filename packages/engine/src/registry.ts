import type { WorkerStatus } from "@pyworker/core";

export type WorkerCondition = "loading" | "ready" | "error" | "stale";

/** A worker as the engine knows it. Times are Unix seconds. */
export interface WorkerView {
  id: number;
  url: string;
  status: WorkerCondition;
  /** Workload per second. */
  perf: number;
  /** Reported load, and what was routed there since. */
  load: number;
  errorMessage: string;
  lastReportAt: number;
  report: WorkerStatus;
}

interface Registered {
  report: WorkerStatus;
  reportedAt: number;
  routedSince: number;
}

const staleSeconds = 30;

/** The workers that have reported, and which of them to route to. Knows nothing of HTTP. */
export class Registry {
  readonly #now: () => number;
  readonly #workers = new Map<number, Registered>();

  constructor(now: () => number) {
    this.#now = now;
  }

  record(report: WorkerStatus): void {
    this.#workers.set(report.id, { report, reportedAt: this.#now(), routedSince: 0 });
  }

  all(): WorkerView[] {
    return [...this.#workers.values()].map((worker) => this.#view(worker));
  }

  /** The ready worker with the least expected wait; the cost is booked there until its next report. */
  route(cost: number): WorkerView | undefined {
    const ready = this.all().filter(({ status }) => status === "ready");
    const wait = ({ load, perf }: WorkerView): number => (load + cost) / perf;
    const best = ready.sort((left, right) => wait(left) - wait(right))[0];
    const worker = best && this.#workers.get(best.id);
    if (worker) {
      worker.routedSince += cost;
    }
    return best;
  }

  #view({ report, reportedAt, routedSince }: Registered): WorkerView {
    return {
      id: report.id,
      url: report.url,
      status: this.#condition(report, reportedAt),
      perf: report.max_perf,
      load: report.cur_load + routedSince,
      errorMessage: report.error_msg,
      lastReportAt: reportedAt,
      report,
    };
  }

  #condition({ error_msg: error, max_perf: perf }: WorkerStatus, reportedAt: number): WorkerCondition {
    if (this.#now() - reportedAt > staleSeconds) {
      return "stale";
    }
    if (error !== "") {
      return "error";
    }
    return perf > 0 ? "ready" : "loading";
  }
}
