export { createVllmWorker, textHandlers, type VllmWorkerOptions } from "./create-vllm-worker.ts";
export { type EngineName, presets } from "./presets.ts";
export { bareOrWrapped, chatSchema, completionSchema } from "./schemas.ts";
export { createPricing, type Pricing, type Usage, type WorkloadOptions } from "./workload.ts";
