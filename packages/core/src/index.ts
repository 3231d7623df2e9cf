export { decodeBase64, type MeasuredBase64, measureBase64 } from "./base64.ts";
export type { BenchmarkDefinition } from "./benchmark-definition.ts";
export type { Finding } from "./check/finding.ts";
export { type Clock, systemClock } from "./clock.ts";
export { runWorkerCommand, type WorkerCommand } from "./command.ts";
export type { ModelAccess, ModelSignals, WorkerOptions } from "./config.ts";
export { ConfigurationError, type ConfigurationProblem, type RawEnvironment, readVariables, variables } from "./env.ts";
export { type ErrorCode, errorCodes, WorkerError } from "./errors.ts";
export {
  anyPayload,
  defineHandler,
  type ExecuteContext,
  type Handler,
  type HandlerDefinition,
  type ResponseWatcher,
  type WatchContext,
} from "./handler.ts";
export { parseJson, stringifyJson } from "./json.ts";
export type { LogActions, LogPattern } from "./model/log-rules.ts";
export { FilePart, type Multipart, multipart } from "./multipart.ts";
export type { ControlRoute, PassthroughRoute } from "./other-routes.ts";
export type { LifecycleHooks } from "./readiness.ts";
export { type DeleteRequests, deleteRequestsSchema, type WorkerStatus, workerStatusSchema } from "./report/wire.ts";
export type { ClientResponse, ModelResponse } from "./responses.ts";
export type { EventSink, ServeContext } from "./serve-context.ts";
export { metrics } from "./telemetry.ts";
export { Worker } from "./worker.ts";
