import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { WorkerConfig } from "./config.ts";
import type { WorkerLifecycle } from "./lifecycle.ts";
import { createHealthProbe } from "./model/health.ts";
import { type LogEvent, LogMatcher } from "./model/log-rules.ts";
import { createLogTail } from "./model/log-tail.ts";
import { createReadiness } from "./readiness.ts";

interface ModelWatchOptions {
  config: WorkerConfig;
  lifecycle: WorkerLifecycle;
  log: Logger;
  measure: (signal: AbortSignal) => Promise<number>;
  meetModel: (signal: AbortSignal) => Promise<void>;
  /** Whether requests can be checked. */
  hasKeys: () => boolean;
}

/** All that tells a worker how its model is: log or hooks, health, and the key without which nothing can be served. */
export interface ModelWatch {
  start(): void;
  keysChanged(): void;
  keysFailed(message: string): void;
  stop(): Promise<void>;
}

const keyPatienceMilliseconds = 60_000;

export function createModelWatch(options: ModelWatchOptions): ModelWatch {
  const { config, lifecycle, log, measure, meetModel, hasKeys } = options;
  const { healthUrl, lifecycle: hooks, logActions, modelLogFile } = config;
  const stopping = new AbortController();
  const keyWaiters = new Set<() => void>();
  const health =
    healthUrl === undefined
      ? undefined
      : createHealthProbe({
          url: healthUrl,
          onUp: () => readiness.healthUp(),
          onDown: (message) => readiness.healthDown(message),
        });
  const keyArrived = async (signal: AbortSignal): Promise<void> => {
    if (hasKeys()) {
      return;
    }
    const arrived = new Promise<void>((resolve) => keyWaiters.add(resolve));
    await Promise.race([arrived, sleep(keyPatienceMilliseconds, undefined, { signal, ref: false })]);
    if (!hasKeys()) {
      throw new Error(`the engine's public key has not arrived within ${keyPatienceMilliseconds / 1000} s`);
    }
  };
  const readiness = createReadiness({ lifecycle, meetModel, measure, health, keyArrived, log });
  const onLogEvent = ({ kind, line, pattern }: LogEvent): void => {
    log.info({ kind, line }, "model log");
    if (kind === "load") {
      readiness.loaded();
    } else if (kind === "error") {
      readiness.failed(pattern);
    } else if (kind === "suspect") {
      void readiness.suspected(pattern);
    }
  };
  const tail =
    modelLogFile === undefined || hooks !== undefined
      ? undefined
      : createLogTail({
          path: modelLogFile,
          sink: new LogMatcher(logActions, onLogEvent),
          onProblem: (reason) =>
            log.info({ reason }, reason === undefined ? "reading the model log" : "waiting for the model log"),
        });
  const startHooks = async (): Promise<void> => {
    try {
      await hooks?.start(stopping.signal);
      readiness.loaded();
    } catch (error) {
      readiness.failed(`Lifecycle startup failed: ${error instanceof Error ? error.message : error}`);
    }
  };
  return {
    start: () => {
      tail?.start();
      if (hooks) {
        void startHooks();
      }
    },
    keysChanged: () => {
      for (const resolve of keyWaiters) {
        resolve();
      }
      keyWaiters.clear();
      readiness.keysChanged();
    },
    keysFailed: readiness.keysFailed,
    stop: async () => {
      stopping.abort();
      await Promise.all([tail?.stop(), health?.stop(), readiness.stop()]);
      await hooks?.stop?.();
    },
  };
}
