import type { Logger } from "pino";
import { benchmarkConcurrency } from "./benchmark.ts";
import type { Finding } from "./check/finding.ts";
import {
  ConfigurationError,
  type ConfigurationProblem,
  type RawEnvironment,
  readEnvironment,
  type WorkerEnvironment,
} from "./env.ts";
import type { Handler } from "./handler.ts";
import type { LogActions } from "./model/log-rules.ts";
import type { LifecycleHooks } from "./readiness.ts";

/** What `onModelLoaded` may ask the model server. */
export interface ModelAccess {
  /** The JSON that a GET of `path` answers. Rejects where it answers no 2xx, no JSON, or nothing within 10 s. */
  getJson(path: string): Promise<unknown>;
  /** The JSON that a POST of `body`, as JSON, answers. Rejects as `getJson` does. */
  postJson(path: string, body: unknown): Promise<unknown>;
  /** The worker's log. */
  log: Pick<Logger, "info" | "warn">;
}

/** What `watchModel` may say of the model. */
export interface ModelSignals {
  /** It is loaded. Means nothing where the log has said so before, and what the log says next of that means nothing more. */
  loaded(): void;
  /** It has failed, whatever its health endpoint says, until it goes and comes back. */
  failed(reason: string): void;
  log: Pick<Logger, "info" | "warn">;
}

/** What a worker is made of. The environment's variables, where set, win over what stands here. */
export interface WorkerOptions {
  /** The backend's name, in logs and as part of what a benchmark was measured for. Default "custom". */
  backend?: string;
  /** The served model's name, where known: part of what a benchmark was measured for. */
  model?: string;
  /** The unit of workload, where it can be set: part of what a benchmark was measured for. */
  workloadUnit?: string;
  /** Where the model server listens: `http://127.0.0.1`. */
  modelServerUrl: string;
  modelServerPort?: number;
  /** The log file that tells whether the model is loaded. Needed unless there is a `lifecycle` or `watchModel`. */
  /** Several where several programs tell of it. */
  modelLogFile?: string | readonly string[];
  /** A path on the model server, or a URL, that answers 200 while the model is well; a function is asked each time. */
  modelHealthcheckUrl?: string | (() => string);
  handlers: readonly Handler[];
  /** What lines of the log mean. A line that holds one of these texts matches. */
  logActions?: LogActions;
  /** Sessions at a time; 0 or null: without limit. Default 10. */
  maxSessions?: number | null;
  /** Starts and stops the model, where there is no log to read. */
  lifecycle?: LifecycleHooks;
  /** Watches the model by other means, beside its log, until the signal aborts. */
  watchModel?: (model: ModelSignals, signal: AbortSignal) => Promise<void>;
  /** Called when the worker listens: what takes its time can be prepared while the model loads. */
  onListening?: () => void;
  /** Called when the model is loaded, before the benchmark: asks the model server what it serves. Its failure is logged, no more. */
  onModelLoaded?: (model: ModelAccess) => Promise<void>;
  /** What a backend found wrong with variables of its own; reported together with all that is wrong here. */
  problems?: readonly ConfigurationProblem[];
  /** Replaces what `check` finds out of the model server, where one URL is not all there is to it. */
  checkModel?: (signal: AbortSignal) => Promise<readonly Finding[]>;
  /** Replaces the process's environment; for tests. */
  environment?: RawEnvironment;
}

/** A worker's configuration, complete and checked. */
export interface WorkerConfig {
  environment: WorkerEnvironment;
  backend: string;
  model: string | undefined;
  workloadUnit: string | undefined;
  /** Origin and base path of the model server, without a slash at the end. */
  modelUrl: URL;
  modelLogFiles: readonly string[];
  healthUrl: (() => string) | undefined;
  handlers: readonly Handler[];
  benchmarkHandler: Handler;
  logActions: LogActions;
  maxSessions: number | null;
  lifecycle: LifecycleHooks | undefined;
  watchModel: WorkerOptions["watchModel"];
  onListening: (() => void) | undefined;
  onModelLoaded: ((model: ModelAccess) => Promise<void>) | undefined;
}

/** What options and environment say, as far as it holds: what is wrong stands in `problems`, and its default in its place. */
export interface ConfigDraft extends Pick<WorkerConfig, "environment" | "modelUrl" | "modelLogFiles" | "healthUrl"> {
  benchmarkHandler: Handler | undefined;
  problems: readonly ConfigurationProblem[];
}

/** Joins options and environment. Throws ConfigurationError that names everything that is wrong with either. */
export function readConfig(options: WorkerOptions, raw: RawEnvironment): WorkerConfig {
  const { benchmarkHandler, environment, healthUrl, modelLogFiles, modelUrl, problems } = draftConfig(options, raw);
  if (problems.length > 0 || benchmarkHandler === undefined) {
    throw new ConfigurationError(problems);
  }
  return {
    environment,
    backend: options.backend ?? "custom",
    model: options.model,
    workloadUnit: options.workloadUnit,
    modelUrl,
    modelLogFiles,
    healthUrl,
    handlers: options.handlers,
    benchmarkHandler,
    logActions: {
      onLoad: environment.MODEL_LOAD_LOG_MSG ?? options.logActions?.onLoad ?? [],
      onError: environment.MODEL_ERROR_LOG_MSGS ?? options.logActions?.onError ?? [],
      onFatal: environment.MODEL_ERROR_LOG_MSGS ? [] : (options.logActions?.onFatal ?? []),
      onSuspect: environment.MODEL_ERROR_LOG_MSGS ? [] : (options.logActions?.onSuspect ?? []),
      onInfo: environment.MODEL_INFO_LOG_MSGS ?? options.logActions?.onInfo ?? [],
    },
    maxSessions: options.maxSessions === undefined ? 10 : options.maxSessions,
    lifecycle: options.lifecycle,
    watchModel: options.watchModel,
    onListening: options.onListening,
    onModelLoaded: options.onModelLoaded,
  };
}

/** The same, for those who want to know all that is wrong and go on with the rest. */
export function draftConfig(options: WorkerOptions, raw: RawEnvironment): ConfigDraft {
  const problems: ConfigurationProblem[] = [...(options.problems ?? [])];
  const environment = readEnvironment(raw, problems);
  const modelUrl = readModelUrl(options, { environment, problems });
  const healthUrl = readHealthUrl(options, { environment, modelUrl, problems });
  const modelLogFiles = [environment.MODEL_LOG ?? options.modelLogFile ?? []].flat();
  if (modelLogFiles.length === 0 && options.lifecycle === undefined && options.watchModel === undefined) {
    problems.push({ name: "modelLogFile", expected: "the model server's log file (or a lifecycle)", found: "nothing" });
  }
  const benchmarkHandler = checkHandlers(options.handlers, problems);
  checkMaxSessions(options.maxSessions, problems);
  return { environment, modelUrl, healthUrl, modelLogFiles, benchmarkHandler, problems };
}

interface Context {
  environment: WorkerEnvironment;
  problems: ConfigurationProblem[];
}

const unknownUrl = "http://127.0.0.1";

function readModelUrl(options: WorkerOptions, { environment, problems }: Context): URL {
  const given = environment.MODEL_SERVER_URL ?? options.modelServerUrl;
  const isUrl = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol);
  if (!isUrl) {
    problems.push({ name: "modelServerUrl", expected: "an http(s) URL", found: JSON.stringify(given) });
  }
  const url = new URL(isUrl ? given : unknownUrl);
  const hasOwnPort = environment.MODEL_SERVER_URL !== undefined && url.port !== "";
  const port = environment.MODEL_SERVER_PORT ?? (hasOwnPort ? undefined : options.modelServerPort);
  if (port !== undefined) {
    url.port = String(port);
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

function readHealthUrl(
  options: WorkerOptions,
  { environment, modelUrl, problems }: Context & { modelUrl: URL },
): (() => string) | undefined {
  const given = environment.MODEL_HEALTH_ENDPOINT ?? options.modelHealthcheckUrl;
  if (!given) {
    return undefined;
  }
  if (typeof given === "function") {
    return given;
  }
  if (given.startsWith("/")) {
    const { href } = new URL(given, modelUrl);
    return () => href;
  }
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    problems.push({
      name: "modelHealthcheckUrl",
      expected: "a path that begins with / or an http(s) URL",
      found: given,
    });
  }
  return () => given;
}

function checkHandlers(handlers: readonly Handler[], problems: ConfigurationProblem[]): Handler | undefined {
  const routes = handlers.map(({ route }) => route);
  const twice = routes.filter((route, index) => routes.indexOf(route) !== index);
  for (const route of new Set(twice)) {
    problems.push({ name: `handler ${route}`, expected: "one handler for a route", found: "two" });
  }
  for (const handler of handlers) {
    checkHandler(handler, problems);
  }
  const measured = handlers.filter(({ benchmark }) => benchmark !== undefined);
  if (measured.length !== 1) {
    const found = measured.map(({ route }) => route).join(" and ") || `none of ${routes.join(", ") || "no handlers"}`;
    problems.push({ name: "benchmark", expected: "exactly one handler with a benchmark", found });
  }
  return measured[0];
}

const reservedRoutes = /^\/(session|pyworker)\//;

function checkHandler(handler: Handler, problems: ConfigurationProblem[]): void {
  const name = `handler ${handler.route}`;
  const wrong = (expected: string, found: unknown) => problems.push({ name, expected, found: String(found) });
  const { allowParallelRequests: parallel, benchmark, maxBodyBytes, maxQueueTime, route } = handler;
  if (!/^\/[\w.~/-]*$/.test(route) || reservedRoutes.test(route)) {
    wrong("a route of /, letters, digits, - . _ ~ that is none of the worker's own (/session/…, /pyworker/…)", route);
  }
  if (typeof parallel === "number" && !(Number.isInteger(parallel) && parallel > 0)) {
    wrong("allowParallelRequests to be true, false or a positive whole number", parallel);
  }
  if (maxQueueTime !== null && !(maxQueueTime >= 0)) {
    wrong("maxQueueTime to be null or seconds, 0 or more", maxQueueTime);
  }
  if (!(Number.isInteger(maxBodyBytes) && maxBodyBytes > 0)) {
    wrong("maxBodyBytes to be a positive whole number", maxBodyBytes);
  }
  if (benchmark !== undefined && benchmark.nextPayload === undefined) {
    wrong("its benchmark to have a generator or a dataset", "neither");
  }
  if (
    benchmark !== undefined &&
    !(benchmark.runs >= 1 && benchmarkConcurrency(benchmark) >= 1 && benchmark.maxSeconds > 0)
  ) {
    wrong("its benchmark's runs, concurrency and maxSeconds to be positive", JSON.stringify(benchmark));
  }
  for (const { path } of handler.passthrough) {
    if (!/^\/[^?#\s*]*(\/\*)?$/.test(path)) {
      wrong("passthrough paths that begin with / and hold no * but at the end", path);
    }
  }
}

function checkMaxSessions(maxSessions: number | null | undefined, problems: ConfigurationProblem[]): void {
  if (typeof maxSessions === "number" && !(Number.isInteger(maxSessions) && maxSessions >= 0)) {
    problems.push({ name: "maxSessions", expected: "null or a whole number, 0 or more", found: String(maxSessions) });
  }
}
