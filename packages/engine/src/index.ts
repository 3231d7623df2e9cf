export type { Violation } from "./contract.ts";
export { createEngine, type Engine, type EngineOptions } from "./engine.ts";
export type { Endpoint } from "./http/parts.ts";
export type { SignatureForm, SignedFields } from "./keys.ts";
export type { WorkerCondition, WorkerView } from "./registry.ts";
export type { RouteAnswer, RouteRequest } from "./routing.ts";
