import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ErrorCode } from "./errors.ts";
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

/** How an admitted or refused request ended. */
export interface EndedRequest {
  route: string;
  outcome: Outcome;
  /** What the client saw; 499 where it left. */
  status: number;
  workload: number;
}

interface Metric {
  type: "counter" | "gauge" | "histogram";
  name: string;
  help: string;
  labels: readonly string[];
}

/** Every metric of our own, and what it counts; docs/metrics.md is made from this table. Node's own come beside them. */
export const metrics = {
  requests: {
    type: "counter",
    name: "pyworker_requests_total",
    help: "Signed requests by how they ended",
    labels: ["route", "outcome", "status"],
  },
  workload: {
    type: "counter",
    name: "pyworker_workload_total",
    help: "Workload of signed requests by how they ended",
    labels: ["outcome"],
  },
  errors: {
    type: "counter",
    name: "pyworker_errors_total",
    help: "Answers made by the worker itself, by error code; unsigned requests are among them",
    labels: ["code"],
  },
  signatures: {
    type: "counter",
    name: "pyworker_signatures_total",
    help: "Verified signatures by the form of the signed message",
    labels: ["form"],
  },
  duration: {
    type: "histogram",
    name: "pyworker_request_duration_seconds",
    help: "From a request's admission to its end",
    labels: ["route"],
  },
  wait: {
    type: "histogram",
    name: "pyworker_queue_wait_seconds",
    help: "Time spent waiting for the model server's turn",
    labels: ["route"],
  },
  load: {
    type: "gauge",
    name: "pyworker_load",
    help: "Workload still to be done, of requests in progress or waiting",
    labels: [],
  },
  inProgress: {
    type: "gauge",
    name: "pyworker_requests_in_progress",
    help: "Requests in progress or waiting",
    labels: [],
  },
  perf: {
    type: "gauge",
    name: "pyworker_max_perf",
    help: "Measured throughput in workload per second; 0 unless ready",
    labels: [],
  },
  sessions: { type: "gauge", name: "pyworker_sessions", help: "Open sessions", labels: [] },
  pendingDeletes: {
    type: "gauge",
    name: "pyworker_pending_deletes",
    help: "Ended requests the engine has not been told of yet",
    labels: [],
  },
  state: {
    type: "gauge",
    name: "pyworker_state",
    help: "1 for the state the worker is in, 0 for the others",
    labels: ["state"],
  },
} as const satisfies Record<string, Metric>;

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** This worker's Prometheus metrics. */
export interface Telemetry {
  registry: Registry;
  countRequest(request: EndedRequest): void;
  countError(code: ErrorCode | "client_left" | "broken_answer"): void;
  observeDuration(route: string, durationSeconds: number): void;
  observeWait(route: string, waitSeconds: number): void;
  countSignature(form: "url" | "full"): void;
  watch(sources: GaugeSources): void;
}

export function createTelemetry(): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const settings = ({ name, help, labels }: Metric) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const requests = new Counter<string>(settings(metrics.requests));
  const workloads = new Counter<string>(settings(metrics.workload));
  const errors = new Counter<string>(settings(metrics.errors));
  const signatures = new Counter<string>(settings(metrics.signatures));
  const duration = new Histogram<string>({ ...settings(metrics.duration), buckets: seconds });
  const wait = new Histogram<string>({ ...settings(metrics.wait), buckets: seconds });
  const gauge = (metric: Metric, read: () => number): void => {
    new Gauge({
      ...settings(metric),
      collect() {
        this.set(read());
      },
    });
  };
  return {
    registry,
    countRequest: ({ outcome, route, status, workload }) => {
      const label = outcome.toLowerCase();
      requests.inc({ route, outcome: label, status });
      workloads.inc({ outcome: label }, workload);
    },
    countError: (code) => errors.inc({ code }),
    observeDuration: (route, value) => duration.observe({ route }, value),
    observeWait: (route, value) => wait.observe({ route }, value),
    countSignature: (form) => signatures.inc({ form }),
    watch: (sources) => {
      gauge(metrics.load, sources.load);
      gauge(metrics.inProgress, sources.requestsInProgress);
      gauge(metrics.perf, sources.perf);
      gauge(metrics.sessions, sources.sessions);
      gauge(metrics.pendingDeletes, sources.pendingDeletes);
      new Gauge<string>({
        ...settings(metrics.state),
        collect() {
          const current = sources.state();
          for (const state of sources.states) {
            this.set({ state }, state === current ? 1 : 0);
          }
        },
      });
    },
  };
}
