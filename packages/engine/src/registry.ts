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
  firstReportAt: number;
  lastReportAt: number;
  /** When it was first seen ready since it last was loading; 0 while it has not been. */
  readyAt: number;
  /** What it reported last, without its token. */
  report: Omit<WorkerStatus, "mtoken">;
}

interface Registered {
  report: WorkerView["report"];
  mtoken: string;
  firstReportAt: number;
  reportedAt: number;
  readyAt: number;
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

  /** A worker is registered by its first report. */
  record({ mtoken, ...report }: WorkerStatus): void {
    const now = this.#now();
    const before = this.#workers.get(report.id);
    const condition = reportedCondition(report);
    const readyAt = condition === "loading" ? 0 : before?.readyAt || (condition === "ready" ? now : 0);
    const firstReportAt = before?.firstReportAt ?? now;
    this.#workers.set(report.id, { report, mtoken, firstReportAt, reportedAt: now, readyAt, routedSince: 0 });
  }

  all(): WorkerView[] {
    return [...this.#workers.values()].map((worker) => this.#view(worker));
  }

  /** What it takes to tell a worker something: the token that proves it is its engine. */
  token(id: number): string {
    return this.#workers.get(id)?.mtoken ?? "";
  }

  /** The ready worker with the least expected wait; the cost is booked there until its next report. */
  route(cost: number): WorkerView | undefined {
    const wait = ({ load, perf }: WorkerView): number => (load + cost) / perf;
    const ready = this.all().filter(({ status }) => status === "ready");
    const best = ready.sort((left, right) => wait(left) - wait(right))[0];
    const worker = best && this.#workers.get(best.id);
    if (worker) {
      worker.routedSince += cost;
    }
    return best;
  }

  #view({ firstReportAt, readyAt, report, reportedAt, routedSince }: Registered): WorkerView {
    return {
      id: report.id,
      url: report.url,
      status: this.#now() - reportedAt > staleSeconds ? "stale" : reportedCondition(report),
      perf: report.max_perf,
      load: report.cur_load + routedSince,
      errorMessage: report.error_msg,
      firstReportAt,
      lastReportAt: reportedAt,
      readyAt,
      report,
    };
  }
}

/** What a worker says of itself; only silence makes it stale. */
export function reportedCondition(report: Pick<WorkerStatus, "error_msg" | "max_perf">): WorkerCondition {
  if (report.error_msg !== "") {
    return "error";
  }
  return report.max_perf > 0 ? "ready" : "loading";
}
