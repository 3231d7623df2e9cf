import { systemClock, Worker, type WorkerOptions } from "@pyworker/core";
import { createCountQueue, type WorkloadOptions } from "@pyworker/llm";
import { createTokenCounter } from "@pyworker/tokens";
import { type EngineName, presets } from "./presets.ts";
import { createServedModel } from "./served-model.ts";
import { createTextHandlers } from "./text-handlers.ts";

/** Any option of a worker, with what is particular to LLM engines. */
export interface VllmWorkerOptions extends Partial<WorkerOptions> {
  /** Which engine it is. Default "vllm". */
  engine?: EngineName;
  /** How requests are priced. */
  workload?: WorkloadOptions;
}

/** Loading the encoder holds the event loop: the worker listens and has reported by then, and is far from ready. */
const encoderDelayMilliseconds = 500;

/** A worker for vLLM, SGLang or llama.cpp's server, with their OpenAI routes for text. */
export function createVllmWorker({
  engine = "vllm",
  workload = {},
  onModelLoaded,
  ...options
}: VllmWorkerOptions = {}): Worker {
  const preset = presets[engine];
  const counter = createTokenCounter();
  const model = createServedModel({ name: options.model, maxLength: workload.maxModelLength });
  const queue = createCountQueue({ counter, clock: systemClock });
  const loadEncoder = async (): Promise<void> => {
    if (workload.count !== "max_tokens") {
      await counter.load();
    }
  };
  // A failure is told when the model is loaded, and leaves the estimates.
  systemClock.after(encoderDelayMilliseconds, () => void loadEncoder().catch(() => {}));
  return new Worker({
    backend: engine,
    modelServerUrl: "http://127.0.0.1",
    modelServerPort: 18000,
    modelLogFile: preset.modelLogFile,
    modelHealthcheckUrl: "/health",
    handlers: createTextHandlers({ preset, workload, model, queue }),
    logActions: {
      onLoad: preset.onLoad,
      onError: preset.onError,
      onSuspect: preset.onSuspect,
      onInfo: ['"message":"Download'],
    },
    ...options,
    onModelLoaded: (access) => allOf([loadEncoder(), model.meet(access), onModelLoaded?.(access)]),
  });
}

/** Waits for the end of each, then throws what the first of them threw. */
async function allOf(promises: readonly (Promise<void> | undefined)[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
