import { type ComfyuiBackend, type ComfyuiWorkerOptions, createBackendWorker } from "@pyworker/comfyui";
import type { Worker } from "@pyworker/core";
import { wanBenchmarkRequest, wanBenchmarkSettings } from "./benchmark.ts";
import { buildWanWorkflow } from "./build-wan-workflow.ts";
import { createWanSchema, defaultWanLimits, type WanLimits } from "./wan-request.ts";
import { usualWanWorkload, wanWorkload } from "./wan-workload.ts";

/** Any option of a worker for ComfyUI, with the largest video that a typed request may ask for. */
export interface WanWorkerOptions extends ComfyuiWorkerOptions {
  limits?: Partial<WanLimits>;
}

/** A worker for Wan 2.2 text-to-video on ComfyUI: typed requests beside workflows. */
export function createWanWorker({ limits, ...options }: WanWorkerOptions = {}): Worker {
  return createBackendWorker(wanBackend({ ...defaultWanLimits, ...limits }), options);
}

const wanBackend = (limits: WanLimits): ComfyuiBackend => ({
  name: "wan",
  typed: { schema: createWanSchema(limits), keys: ["prompt"], build: buildWanWorkflow },
  usualWorkload: usualWanWorkload,
  workload: wanWorkload,
  benchmark: { ...wanBenchmarkSettings, builtIn: wanBenchmarkRequest },
});
