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
  const { healthUrl, lifecycle: hooks, logActions, modelLogFiles, watchModel } = config;
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
  const loads = countLoadOnce(() => readiness.loaded());
  const onLogEvent = ({ kind, line, pattern }: LogEvent): void => {
    log.info({ kind, line }, "model log");
    if (kind === "load") {
      loads.byLog();
    } else if (kind === "error" || kind === "fatal") {
      loads.over();
      readiness.failed(pattern, { isLasting: kind === "fatal" });
    } else if (kind === "suspect") {
      void readiness.suspected(pattern);
    }
  };
  const tails = (hooks === undefined ? modelLogFiles : []).map((path) =>
    createLogTail({
      path,
      sink: new LogMatcher(logActions, onLogEvent),
      onProblem: (reason) =>
        log.info({ reason, path }, reason === undefined ? "reading the model log" : "waiting for the model log"),
    }),
  );
  const watch = async (): Promise<void> => {
    try {
      const failed = (reason: string) => {
        loads.over();
        readiness.failed(reason, { isLasting: true });
      };
      await watchModel?.({ loaded: loads.byWatching, failed, log }, stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) {
        readiness.failed(`watching the model failed: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
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
      for (const tail of tails) {
        tail.start();
      }
      void watch();
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
      await Promise.all([...tails.map((tail) => tail.stop()), health?.stop(), readiness.stop()]);
      await hooks?.stop?.();
    },
  };
}

/** Two witnesses tell of a load, the log and whoever watches beside it: one load must not be measured twice. */
function countLoadOnce(onLoad: () => void) {
  let known: "log" | "watching" | undefined;
  return {
    byLog: (): void => {
      const isNews = known !== "watching";
      known = "log";
      if (isNews) {
        onLoad();
      }
    },
    byWatching: (): void => {
      if (known === undefined) {
        known = "watching";
        onLoad();
      }
    },
    /** The model has failed: the next load is another one. */
    over: (): void => {
      known = undefined;
    },
  };
}
