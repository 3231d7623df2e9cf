export { createWanWorker, type WanWorkerOptions } from "./create-wan-worker.ts";
export { readWanOptions } from "./read-wan-options.ts";
export { defaultWanLimits, type WanLimits, wanFields } from "./wan-request.ts";
