import type { TypedRequests } from "./inputs/request-source.ts";
import type { Workflow } from "./workflow.ts";

/** What tells one backend on ComfyUI from another. */
export interface ComfyuiBackend {
  name: string;
  /** Requests by fields of the backend's own, beside workflows. */
  typed?: TypedRequests<unknown>;
  /** What a workflow costs. */
  workload(workflow: Workflow): number;
  /** What a job costs of which nothing is known. */
  usualWorkload: number;
  benchmark: BenchmarkPlan;
  /** What to say of a workflow that ComfyUI has refused, beyond its own words. */
  advice?(workflow: Workflow): string | undefined;
}

/** How the backend's throughput is measured. */
export interface BenchmarkPlan {
  /** The request where no file brings one: a fresh one at each call. */
  builtIn(): { input: Record<string, unknown> };
  runs: number;
  /** Seconds after which it ends with what it has. */
  maxSeconds: number;
}
