import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Outcome } from "./ledger.ts";

/** What the gauges read when Prometheus asks. */
export interface GaugeSources {
  load(): number;
  requestsInProgress(): number;
  perf(): number;
  state(): string;
  states: readonly string[];
  sessions(): number;
  pendingDeletes(): number;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** This worker's Prometheus metrics. Names and meanings are listed in docs/metrics.md. */
export interface Telemetry {
  registry: Registry;
  countRequest(route: string, outcome: Outcome): void;
  observeDuration(route: string, durationSeconds: number): void;
  observeWait(route: string, waitSeconds: number): void;
  countSignature(form: "url" | "full"): void;
  watch(sources: GaugeSources): void;
}

export function createTelemetry(): Telemetry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "pyworker_requests_total",
    help: "Requests by how they ended",
    labelNames: ["route", "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "pyworker_request_duration_seconds",
    help: "From the request's arrival to its end",
    labelNames: ["route"],
    buckets: seconds,
    registers,
  });
  const wait = new Histogram({
    name: "pyworker_queue_wait_seconds",
    help: "Time spent waiting for the model server's turn",
    labelNames: ["route"],
    buckets: seconds,
    registers,
  });
  const signatures = new Counter({
    name: "pyworker_signatures_total",
    help: "Verified signatures by the form of the signed message",
    labelNames: ["form"],
    registers,
  });
  return {
    registry,
    countRequest: (route, outcome) => requests.inc({ route, outcome: outcome.toLowerCase() }),
    observeDuration: (route, value) => duration.observe({ route }, value),
    observeWait: (route, value) => wait.observe({ route }, value),
    countSignature: (form) => signatures.inc({ form }),
    watch: (sources) => registerGauges(registry, sources),
  };
}

function registerGauges(registry: Registry, sources: GaugeSources): void {
  const gauges: [name: string, help: string, read: () => number][] = [
    ["pyworker_load", "Workload in progress or waiting", sources.load],
    ["pyworker_requests_in_progress", "Requests in progress or waiting", sources.requestsInProgress],
    ["pyworker_max_perf", "Measured throughput in workload per second", sources.perf],
    ["pyworker_sessions", "Open sessions", sources.sessions],
    ["pyworker_pending_deletes", "Ended requests the engine has not been told of yet", sources.pendingDeletes],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  new Gauge({
    name: "pyworker_state",
    help: "1 for the state the worker is in",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const current = sources.state();
      for (const state of sources.states) {
        this.set({ state }, state === current ? 1 : 0);
      }
    },
  });
}
