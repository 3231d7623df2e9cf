import { type ComfyuiBackend, type ComfyuiWorkerOptions, createBackendWorker } from "@pyworker/comfyui";
import type { Worker } from "@pyworker/core";
import { type AceLimits, createAceSchema, defaultAceLimits } from "./ace-request.ts";
import { aceWorkload, usualAceWorkload } from "./ace-workload.ts";
import { aceBenchmarkRequest, aceBenchmarkSettings } from "./benchmark.ts";
import { buildAceWorkflow } from "./build-ace-workflow.ts";
import { checkAceWorkflow } from "./check-ace-workflow.ts";

/** Any option of a worker for ComfyUI, with the longest music that a typed request may ask for. */
export interface AceWorkerOptions extends ComfyuiWorkerOptions {
  limits?: Partial<AceLimits>;
}

/** A worker for ACE-Step text-to-music on ComfyUI: typed requests beside workflows. */
export function createAceWorker({ limits, ...options }: AceWorkerOptions = {}): Worker {
  return createBackendWorker(aceBackend({ ...defaultAceLimits, ...limits }), options);
}

const aceBackend = (limits: AceLimits): ComfyuiBackend => ({
  name: "ace",
  typed: { schema: createAceSchema(limits), keys: ["tags"], build: buildAceWorkflow },
  advice: checkAceWorkflow,
  usualWorkload: usualAceWorkload,
  workload: aceWorkload,
  benchmark: { ...aceBenchmarkSettings, builtIn: aceBenchmarkRequest },
});
