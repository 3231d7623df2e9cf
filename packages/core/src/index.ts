export { type Clock, systemClock } from "./clock.ts";
export type { ModelAccess, WorkerOptions } from "./config.ts";
export { ConfigurationError, type ConfigurationProblem, type RawEnvironment, readVariables, variables } from "./env.ts";
export { type ErrorCode, errorCodes, WorkerError } from "./errors.ts";
export {
  anyPayload,
  type BenchmarkDefinition,
  type ClientResponse,
  defineHandler,
  type ExecuteContext,
  type Handler,
  type HandlerDefinition,
  type ModelResponse,
  type PassthroughRoute,
  type ResponseWatcher,
  type WatchContext,
} from "./handler.ts";
export { parseJson, stringifyJson } from "./json.ts";
export type { LogActions, LogPattern } from "./model/log-rules.ts";
export { FilePart, type Multipart, multipart } from "./multipart.ts";
export type { LifecycleHooks } from "./readiness.ts";
export { type DeleteRequests, deleteRequestsSchema, type WorkerStatus, workerStatusSchema } from "./report/wire.ts";
export { metrics } from "./telemetry.ts";
export { Worker } from "./worker.ts";
