export type { Endpoint } from "./app.ts";
export type { Violation } from "./contract.ts";
export { createEngine, type Engine, type EngineOptions } from "./engine.ts";
export type { WorkerCondition, WorkerView } from "./registry.ts";
