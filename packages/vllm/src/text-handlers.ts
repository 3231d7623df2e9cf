import { defineHandler, type Handler, type PassthroughRoute, type WatchContext } from "@pyworker/core";
import {
  askForUsage,
  bareOrWrapped,
  type CountQueue,
  chatSchema,
  completionSchema,
  createPricing,
  isUsageOurs,
  readChat,
  readCompletion,
  type TextRequest,
  type TextTask,
  unwrap,
  type WorkloadOptions,
  type Wrapped,
  watchUsage,
} from "@pyworker/llm";
import type { z } from "zod";
import { benchmarkPayload } from "./benchmark.ts";
import type { Preset } from "./presets.ts";
import type { ServedModel } from "./served-model.ts";

interface TextHandlersOptions {
  preset: Preset;
  workload: WorkloadOptions;
  model: ServedModel;
  queue: CountQueue;
}

const maxQueueTime = 600;
const passthrough: readonly PassthroughRoute[] = [
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: "/version" },
];

/** The handlers of `/v1/completions`, which has the benchmark, and `/v1/chat/completions`. */
export function createTextHandlers(options: TextHandlersOptions): Handler[] {
  const { completionTokens, benchmarkConcurrency: concurrency } = options.preset;
  return [
    defineHandler({
      ...textRoute(options, completionSchema, (request) => readCompletion(request, completionTokens)),
      route: "/v1/completions",
      benchmark: { generator: () => benchmarkPayload(options.model), runs: 3, concurrency, until: "stable" },
      passthrough,
    }),
    defineHandler({ ...textRoute(options, chatSchema, readChat), route: "/v1/chat/completions" }),
  ];
}

/** What the routes for text have in common: how they read a request is all that tells them apart. */
function textRoute<Schema extends z.ZodType<TextRequest>>(
  { workload, model, queue }: TextHandlersOptions,
  schema: Schema,
  read: (request: z.output<Schema>) => TextTask,
) {
  const shared = { payload: bareOrWrapped(schema), allowParallelRequests: true, maxQueueTime } as const;
  type Payload = Wrapped<z.output<Schema>>;
  if (workload.count === "max_tokens") {
    return {
      ...shared,
      workload: ({ request }: Payload) => Math.max(1, read(request).maxTokens ?? 0),
      transform: unwrap,
    };
  }
  const pricing = createPricing({ promptWeight: workload.promptWeight, maxModelLength: () => model.maxLength });
  return {
    ...shared,
    workload: ({ request }: Payload) => pricing.estimate(read(request)),
    transform: askForUsage,
    watch: ({ payload: { request }, settle, signal }: WatchContext<Payload>) =>
      watchUsage({ task: read(request), pricing, queue, strip: isUsageOurs(request), settle, signal }),
  };
}
