import type { Server } from "node:http";
import type { Logger } from "pino";
import { createGates } from "./admission.ts";
import { createPublicKeys } from "./auth/public-key.ts";
import { createSignatureVerifier } from "./auth/signature.ts";
import { checkWorker } from "./check/check-worker.ts";
import type { Finding } from "./check/finding.ts";
import { systemClock } from "./clock.ts";
import { readConfig, type WorkerConfig, type WorkerOptions } from "./config.ts";
import type { WorkerEnvironment } from "./env.ts";
import { processEnvironment, readEnvironment } from "./env.ts";
import { WorkerError } from "./errors.ts";
import { createApp } from "./http/app.ts";
import { callSessionClose } from "./http/call-session-close.ts";
import { createInternalApp } from "./http/internal-app.ts";
import { closeServer, listenInternal, listenPublic } from "./http/listen.ts";
import { createModelClient } from "./http/model-client.ts";
import { createPassthrough } from "./http/passthrough.ts";
import { createBodyReader } from "./http/read-body.ts";
import { createRefusalLog } from "./http/refusal-log.ts";
import { createRequestTracker } from "./http/request-tracker.ts";
import type { Services } from "./http/services.ts";
import { Ledger } from "./ledger.ts";
import { WorkerLifecycle, workerStates } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";
import { runMeasurement } from "./measure.ts";
import { meetModel } from "./meet-model.ts";
import { createModelWatch } from "./model-watch.ts";
import { createBeacon } from "./report/beacon.ts";
import { createEngineClient } from "./report/engine-client.ts";
import { createReporter, type Identity } from "./report/reporter.ts";
import { SessionStore } from "./sessions.ts";
import { createTelemetry } from "./telemetry.ts";

/** A worker that is serving. */
interface RunningWorker {
  /** Drains, reports what is left, and lets go of everything. */
  stop(): Promise<void>;
}

const impatienceMilliseconds = 1000;
const flushMilliseconds = 5000;

/**
 * The worker: stands beside a model server, checks and queues its requests, and reports to the engine.
 *
 * @example
 * await new Worker({ modelServerUrl: "http://127.0.0.1", modelServerPort: 18000, modelLogFile, handlers }).run();
 */
export class Worker {
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Serves until SIGTERM or SIGINT, drains, and ends the process. Where it can't start, it tells the engine why. */
  async run(): Promise<void> {
    const raw = this.#options.environment ?? processEnvironment();
    const environment = readEnvironment(raw, []);
    const log = await createLogger({ level: environment.LOG_LEVEL, name: this.#options.backend ?? "custom" });
    const signal = stopSignal(log);
    // All timers let the process end when nothing else is left; until it is told to, this one doesn't.
    setInterval(() => {}, 2 ** 30);
    const beacon = createBeacon({
      identity: identityOf(environment),
      engine: createEngineClient({ addresses: environment.REPORT_ADDR, log }),
    });
    process.on("uncaughtException", (error) => {
      // What is left is in no known state: say so, and let the launcher start anew.
      log.fatal(error, "uncaught exception");
      void beacon.reportOnce(`Worker Server crashed: ${error.message}`).finally(() => process.exit(1));
    });
    let worker: RunningWorker;
    try {
      worker = await startWorker(readConfig(this.#options, raw), log);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.fatal(message);
      await beacon.reportUntil(signal, `Worker Server failed to launch: ${message}`);
      process.exit(1);
    }
    await aborted(signal);
    await worker.stop();
    process.exit(0);
  }

  /** Serves until `stop` is called; for programs that have more to do. Throws ConfigurationError, or what kept it from listening. */
  async start(): Promise<RunningWorker> {
    const config = readConfig(this.#options, this.#options.environment ?? processEnvironment());
    return startWorker(config, await createLogger({ level: config.environment.LOG_LEVEL, name: config.backend }));
  }

  /**
   * Looks at everything that a start depends on, within seconds, and starts nothing: configuration, model server and its
   * log, engine, ports, certificate. Never rejects.
   */
  check(): Promise<readonly Finding[]> {
    return checkWorker(this.#options, this.#options.environment ?? processEnvironment());
  }
}

async function startWorker(config: WorkerConfig, log: Logger): Promise<RunningWorker> {
  const { environment } = config;
  const clock = systemClock;
  const telemetry = createTelemetry();
  const ledger = new Ledger(clock, () => reporter.touch());
  const lifecycle = new WorkerLifecycle(clock, (state) => {
    log.info({ state, error: lifecycle.errorMessage || undefined }, "state");
    reporter.notify();
  });
  const engine = createEngineClient({ addresses: environment.REPORT_ADDR, log });
  const reporter = createReporter({
    identity: identityOf(environment),
    engine,
    ledger,
    state: () => lifecycle,
    clock,
    log,
  });
  const model = createModelClient(config.modelUrl);
  const keys = createPublicKeys({
    addresses: environment.REPORT_ADDR,
    clock,
    log,
    onKeys: () => {
      verifier.forget();
      watch.keysChanged();
    },
    onFailure: (message) => watch.keysFailed(message),
  });
  const verifier = createSignatureVerifier({
    keys: keys.keys,
    ownUrl: environment.publicUrl,
    checkUrl: environment.CHECK_AUTH_URL,
    onMatch: telemetry.countSignature,
    onForm: (form) => log.info({ form }, "signature form"),
  });
  const sessions = new SessionStore({
    clock,
    ledger,
    limit: config.maxSessions,
    callClose: callSessionClose(log),
    onClosed: (workload) =>
      telemetry.countRequest({ route: "/session/create", outcome: "Success", status: 201, workload }),
  });
  const gates = createGates(clock);
  const bodies = createBodyReader();
  const requests = createRequestTracker();
  const services: Services = {
    config,
    clock,
    log,
    telemetry,
    lifecycle,
    ledger,
    gates,
    keys,
    verifier,
    sessions,
    model,
    bodies,
    requests,
    refusals: createRefusalLog({ clock, log }),
  };
  const watch = createModelWatch({
    config,
    lifecycle,
    log,
    meetModel: (signal) => meetModel(services, signal),
    measure: (signal) => runMeasurement(services, signal),
    hasKeys: () => environment.UNSECURED || keys.keys().length > 0,
  });
  telemetry.watch({
    load: () => ledger.load,
    requestsInProgress: () => ledger.workingRequestIndexes().length,
    perf: () => lifecycle.perf,
    state: () => lifecycle.state,
    states: workerStates,
    sessions: () => sessions.size,
    pendingDeletes: () => ledger.pendingDeletions,
  });
  const passthrough = await createPassthrough(services, config.handlers);
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    log.info("stopping");
    lifecycle.send({ name: "stopping" });
    await requests.drain(environment.DRAIN_SECONDS * 1000);
    await sessions.stop();
    await Promise.all([watch.stop(), reporter.stop(flushMilliseconds), ...servers.map(closeServer)]);
    keys.stop();
    bodies.stop();
    passthrough.stop();
    await model.stop();
  };
  try {
    const listener = createApp(services, passthrough);
    servers.push(await listenPublic(environment, listener));
    servers[0]?.on("upgrade", listener.upgrade);
    servers.push(await listenInternal(environment, createInternalApp(services)));
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    bodies.stop();
    throw error;
  }
  if (environment.UNSECURED) {
    log.warn("UNSECURED is true: signatures are not checked. This is for local use only.");
  } else {
    keys.start();
  }
  sessions.start();
  reporter.start();
  watch.start();
  log.info({ url: environment.publicUrl, port: environment.WORKER_PORT, model: config.modelUrl.href }, "listening");
  config.onListening?.();
  return { stop };
}

const identityOf = (environment: WorkerEnvironment): Identity => ({
  id: environment.CONTAINER_ID ?? 0,
  mtoken: environment.MASTER_TOKEN,
  version: environment.PYWORKER_VERSION,
  url: environment.publicUrl,
});

/** Aborts at the first SIGTERM or SIGINT. A second one, more than a second later, ends the process: npm and terminals deliver one stop twice. */
function stopSignal(log: Logger): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (name: string): void => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > impatienceMilliseconds) {
      process.exit(1);
    }
    log.info({ signal: name }, "signal");
    controller.abort(new WorkerError("draining", "the worker is stopping"));
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
