export { createVllmWorker, type VllmWorkerOptions } from "./create-vllm-worker.ts";
export { type EngineName, type Preset, presets } from "./presets.ts";
export { readVllmOptions, vllmVariables } from "./read-vllm-options.ts";
export { bareOrWrapped, type Chat, type Completion, chatSchema, completionSchema } from "./schemas.ts";
export { readChat, readCompletion, type TextTask } from "./text-task.ts";
export type { Usage } from "./usage.ts";
export { createPricing, type Pricing, type WorkloadOptions } from "./workload.ts";
