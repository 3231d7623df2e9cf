import type { Clock } from "./clock.ts";

export const workerStates = ["loading", "benchmarking", "confirming", "ready", "errored", "draining"] as const;
export type WorkerState = (typeof workerStates)[number];

type EventName = "loaded" | "measured" | "confirmed" | "failed" | "recovered" | "stopping";

/** What brings a worker from one state to the next. An event that a state doesn't name changes nothing. */
const transitions: Record<WorkerState, Partial<Record<EventName, WorkerState>>> = {
  loading: { loaded: "benchmarking", failed: "errored", stopping: "draining" },
  benchmarking: { loaded: "benchmarking", measured: "confirming", failed: "errored", stopping: "draining" },
  confirming: { loaded: "benchmarking", confirmed: "ready", failed: "errored", stopping: "draining" },
  ready: { loaded: "benchmarking", failed: "errored", stopping: "draining" },
  errored: { loaded: "benchmarking", failed: "errored", recovered: "loading", stopping: "draining" },
  draining: {},
};

export type LifecycleEvent =
  | { name: "loaded" | "confirmed" | "recovered" | "stopping" }
  | { name: "measured"; perf: number }
  | { name: "failed"; message: string };

/** Where a worker stands between its start and its end. */
export class WorkerLifecycle {
  readonly #clock: Clock;
  readonly #onChange: (state: WorkerState) => void;
  readonly #startedAt: number;
  #state: WorkerState = "loading";
  #errorMessage = "";
  #throughput = 0;
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

  /** Workload per second, as last measured; 0 before, and after a benchmark that failed. */
  get throughput(): number {
    return this.#throughput;
  }

  /** The throughput on offer: 0 unless ready, so that nobody is routed to a worker that would refuse. */
  get perf(): number {
    return this.#state === "ready" ? this.#throughput : 0;
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
      this.#throughput = event.perf;
    } else if (event.name === "confirmed") {
      this.#errorMessage = "";
      this.#loadTime ||= (this.#clock.monotonic() - this.#startedAt) / 1000;
    } else if (event.name === "recovered") {
      this.#errorMessage = "";
    } else if (event.name === "failed") {
      this.#errorMessage = event.message;
      this.#throughput = before === "benchmarking" ? 0 : this.#throughput;
    }
  }
}
