import type { Clock } from "./clock.ts";

export const workerStates = ["loading", "benchmarking", "confirming", "ready", "errored", "draining"] as const;
export type WorkerState = (typeof workerStates)[number];

type EventName = "loaded" | "measured" | "confirmed" | "failed" | "stopping";

/** What brings a worker from one state to the next. An event that a state doesn't name changes nothing. */
const transitions: Record<WorkerState, Partial<Record<EventName, WorkerState>>> = {
  loading: { loaded: "benchmarking", failed: "errored", stopping: "draining" },
  benchmarking: { loaded: "benchmarking", measured: "confirming", failed: "errored", stopping: "draining" },
  confirming: { loaded: "benchmarking", confirmed: "ready", failed: "errored", stopping: "draining" },
  ready: { loaded: "benchmarking", failed: "errored", stopping: "draining" },
  errored: { loaded: "benchmarking", failed: "errored", stopping: "draining" },
  draining: {},
};

export type LifecycleEvent =
  | { name: "loaded" | "confirmed" | "stopping" }
  | { name: "measured"; perf: number }
  | { name: "failed"; message: string };

/** Where a worker stands between its start and its end. */
export class WorkerLifecycle {
  readonly #clock: Clock;
  readonly #onChange: (state: WorkerState) => void;
  readonly #startedAt: number;
  #state: WorkerState = "loading";
  #errorMessage = "";
  #measuredPerf = 0;
  #perf = 0;
  #loadTime = 0;

  constructor(clock: Clock, onChange: (state: WorkerState) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#startedAt = clock.monotonic();
  }

  get state(): WorkerState {
    return this.#state;
  }

  get errorMessage(): string {
    return this.#errorMessage;
  }

  /** Workload per second; 0 until ready, and after a benchmark that failed. */
  get perf(): number {
    return this.#perf;
  }

  /** Seconds from start to the first time ready; 0 before. */
  get loadTime(): number {
    return this.#loadTime;
  }

  send(event: LifecycleEvent): void {
    const next = transitions[this.#state][event.name];
    if (next === undefined) {
      return;
    }
    const before = this.#state;
    const messageBefore = this.#errorMessage;
    this.#state = next;
    this.#apply(event, before);
    if (next !== before || this.#errorMessage !== messageBefore) {
      this.#onChange(next);
    }
  }

  #apply(event: LifecycleEvent, before: WorkerState): void {
    if (event.name === "measured") {
      this.#measuredPerf = event.perf;
    } else if (event.name === "confirmed") {
      this.#perf = this.#measuredPerf;
      this.#errorMessage = "";
      this.#loadTime ||= (this.#clock.monotonic() - this.#startedAt) / 1000;
    } else if (event.name === "failed") {
      this.#errorMessage = event.message;
      this.#perf = before === "benchmarking" ? 0 : this.#perf;
    }
  }
}
