export type { RouteOptions } from "./choose-routes.ts";
export { createVllmWorker, type VllmWorkerOptions } from "./create-vllm-worker.ts";
export { type EngineName, type Preset, presets } from "./presets.ts";
export { readVllmOptions, vllmVariables } from "./read-vllm-options.ts";
