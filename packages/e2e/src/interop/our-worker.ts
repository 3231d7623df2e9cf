// The same worker as python/reference_worker.py, line by line.
import { anyPayload, defineHandler, Worker } from "@pyworker/core";
import { z } from "zod";

const textRequest = z.looseObject({ max_tokens: z.number().optional() });
const askedTokens = (payload: z.infer<typeof textRequest>): number => payload.max_tokens ?? 0;

await new Worker({
  // Where the model server listens and logs is in the environment.
  modelServerUrl: "http://127.0.0.1",
  modelLogFile: "model.log",
  handlers: [
    defineHandler({
      route: "/v1/completions",
      payload: textRequest,
      workload: askedTokens,
      allowParallelRequests: true,
      maxQueueTime: 60,
      benchmark: { generator: () => ({ prompt: "hello", max_tokens: 16 }), runs: 1, concurrency: 1 },
    }),
    defineHandler({
      route: "/v1/chat/completions",
      payload: textRequest,
      workload: askedTokens,
      allowParallelRequests: true,
      maxQueueTime: 60,
    }),
    defineHandler({ route: "/tokenize", payload: anyPayload, maxQueueTime: 60 }),
  ],
  logActions: {
    onLoad: ["Application startup complete."],
    onError: ["RuntimeError: Engine"],
  },
  maxSessions: 3,
}).run();
