export { type BenchmarkSources, createBenchmarkPayloads } from "./benchmark/create-benchmark-payloads.ts";
export {
  type BenchmarkImage,
  benchmarkVariables,
  createText2ImageBenchmark,
  readBenchmarkImage,
} from "./benchmark/text2image-benchmark.ts";
export type { BenchmarkPlan, ComfyuiBackend } from "./comfyui-backend.ts";
export {
  type ComfyuiBenchmarkOptions,
  type ComfyuiWorkerOptions,
  createBackendWorker,
  createComfyuiWorker,
} from "./create-comfyui-worker.ts";
export { drawFrom, randomSeed } from "./fields/random.ts";
export { seedField } from "./fields/seed-field.ts";
export { steppedField } from "./fields/stepped-field.ts";
export { strictInput } from "./fields/strict-input.ts";
export { requestFields } from "./inputs/request-fields.ts";
export type { JobFault, NodeFault, OutputItem, Result, TextOutput, Timings } from "./jobs/result.ts";
export { comfyuiVariables, readComfyuiOptions } from "./read-comfyui-options.ts";
export { type ComfyuiSettings, defaultSettings } from "./settings.ts";
export type { Workflow, WorkflowNode } from "./workflow.ts";
export { type WorkloadUnit, workflowWorkload } from "./workload/price-workflow.ts";
export type { WorkKind } from "./workload/scan-workflow.ts";
