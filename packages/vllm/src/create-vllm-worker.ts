import { defineHandler, Worker, type WorkerOptions } from "@pyworker/core";
import { benchmarkPayload } from "./benchmark.ts";
import { type EngineName, presets } from "./presets.ts";
import { bareOrWrapped, chatSchema, completionSchema } from "./schemas.ts";
import { askForUsage, watchUsage } from "./watch-usage.ts";
import { createPricing, type WorkloadOptions } from "./workload.ts";

/** Any option of a worker, with what is particular to LLM engines. */
export interface VllmWorkerOptions extends Partial<WorkerOptions> {
  /** Whose log is read. Default "vllm". */
  engine?: EngineName;
  /** How requests are priced. */
  workload?: WorkloadOptions;
}

const maxQueueTime = 600;

/** A worker for vLLM, SGLang or llama.cpp's server, with their OpenAI routes for text. */
export function createVllmWorker({ engine = "vllm", workload = {}, ...options }: VllmWorkerOptions = {}): Worker {
  const { modelLogFile, onError, onLoad } = presets[engine];
  return new Worker({
    backend: engine,
    modelServerUrl: "http://127.0.0.1",
    modelServerPort: 18000,
    modelLogFile,
    modelHealthcheckUrl: "/health",
    handlers: textHandlers(options.model, workload),
    logActions: { onLoad, onError, onInfo: ['"message":"Download'] },
    ...options,
  });
}

/** The handlers of `/v1/completions`, which has the benchmark, and `/v1/chat/completions`. */
export function textHandlers(model: string | undefined, workload: WorkloadOptions) {
  const completions = createPricing(workload);
  const chats = createPricing(workload);
  const shared = { allowParallelRequests: true, maxQueueTime } as const;
  return [
    defineHandler({
      ...shared,
      route: "/v1/completions",
      payload: bareOrWrapped(completionSchema),
      workload: ({ request }) => completions.estimate(request),
      transform: askForUsage,
      watch: (context) => watchUsage(completions, context),
      benchmark: { generator: () => benchmarkPayload(model), runs: 3, concurrency: 100, until: "stable" },
    }),
    defineHandler({
      ...shared,
      route: "/v1/chat/completions",
      payload: bareOrWrapped(chatSchema),
      workload: ({ request }) => chats.estimate(request),
      transform: askForUsage,
      watch: (context) => watchUsage(chats, context),
    }),
  ];
}
