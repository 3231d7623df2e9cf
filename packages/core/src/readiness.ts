import type { Logger } from "pino";
import type { WorkerLifecycle } from "./lifecycle.ts";
import type { HealthProbe } from "./model/health.ts";

/** Starts and stops a model that writes no log. */
export interface LifecycleHooks {
  /** Resolves when the model is loaded. */
  start(signal: AbortSignal): Promise<void>;
  stop?(): Promise<void>;
}

interface ReadinessOptions {
  lifecycle: WorkerLifecycle;
  /** Gets to know the loaded model: waits for its port, asks what it is. Never rejects. */
  meetModel: (signal: AbortSignal) => Promise<void>;
  /** Measures the throughput, or takes what was measured before. */
  measure: (signal: AbortSignal) => Promise<number>;
  health: HealthProbe | undefined;
  /** Resolves when requests can be checked. */
  keyArrived: (signal: AbortSignal) => Promise<void>;
  log: Logger;
}

/** Brings a worker from "the model is loaded" to ready, and back there after a failure. One run at a time. */
export interface Readiness {
  /** The model says it is loaded, or is back. */
  loaded(): void;
  /** A lasting failure is one that the model's health doesn't show. */
  failed(message: string, options?: { isLasting: boolean }): void;
  /** Something that reads like a failure: it is one, unless a ready worker's model answers that it is well. */
  suspected(message: string): Promise<void>;
  /** The key has arrived, or has arrived at last. */
  keysChanged(): void;
  keysFailed(message: string): void;
  healthUp(): void;
  healthDown(message: string): void;
  stop(): Promise<void>;
}

export function createReadiness(options: ReadinessOptions): Readiness {
  const { lifecycle, meetModel, measure, health, keyArrived, log } = options;
  let run: { controller: AbortController; done: Promise<void> } | undefined;
  let hasLoaded = false;
  /** What was reported because no key had come. */
  let keyProblem: string | undefined;
  /** A traceback has company: one look at the model's health serves all that come meanwhile. */
  let judging: Promise<void> | undefined;

  const start = (): void => {
    run?.controller.abort();
    const controller = new AbortController();
    const before = run?.done ?? Promise.resolve();
    // The run before must have let go of the model first, or two benchmarks would measure each other.
    run = { controller, done: before.then(() => goThrough(controller.signal)) };
    lifecycle.send({ name: "loaded" });
  };

  const goThrough = async (signal: AbortSignal): Promise<void> => {
    try {
      signal.throwIfAborted();
      await meetModel(signal);
      const perf = await measure(signal);
      signal.throwIfAborted();
      lifecycle.send({ name: "measured", perf });
      await health?.waitUntilUp(signal);
      await waitForKey(signal);
      signal.throwIfAborted();
      lifecycle.send({ name: "confirmed" });
    } catch (error) {
      if (!signal.aborted) {
        const message = messageOf(error);
        log.error({ reason: message }, "not ready");
        lifecycle.send({ name: "failed", message });
      }
    }
  };

  const waitForKey = async (signal: AbortSignal): Promise<void> => {
    try {
      await keyArrived(signal);
    } catch (error) {
      keyProblem = signal.aborted ? keyProblem : messageOf(error);
      throw error;
    }
  };

  const judge = async (message: string): Promise<void> => {
    const isWell = lifecycle.state === "ready" && health !== undefined && (await health.check()) === undefined;
    if (isWell) {
      log.warn({ pattern: message }, "the log tells of an error, but the model server is well");
    } else {
      failed(message);
    }
  };

  const fail = (message: string): void => {
    run?.controller.abort();
    lifecycle.send({ name: "failed", message });
  };

  const failed = (message: string, { isLasting } = { isLasting: false }): void => {
    if (isLasting) {
      health?.distrustUntilDown();
    } else {
      health?.distrust();
    }
    fail(message);
  };

  return {
    loaded: () => {
      hasLoaded = true;
      start();
    },
    failed,
    suspected: (message) => {
      judging ??= judge(message).finally(() => {
        judging = undefined;
      });
      return judging;
    },
    keysChanged: () => {
      const wasProblem = keyProblem !== undefined && lifecycle.errorMessage === keyProblem;
      keyProblem = undefined;
      if (wasProblem && hasLoaded) {
        start();
      } else if (wasProblem) {
        lifecycle.send({ name: "recovered" });
      }
    },
    keysFailed: (message) => {
      keyProblem = message;
      fail(message);
    },
    healthUp: () => {
      if (hasLoaded && lifecycle.state === "errored" && keyProblem === undefined) {
        start();
      }
    },
    healthDown: (message) => {
      // What the log said first is nearer to the cause.
      if (lifecycle.state !== "errored") {
        fail(`health check failed: ${message}`);
      }
    },
    stop: async () => {
      run?.controller.abort();
      await run?.done;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
