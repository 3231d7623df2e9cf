// The core and nothing else: every request costs the same. The Python worker in ../peers/worker.py is this one, line by line.
import { defineHandler, Worker } from "@pyworker/core";
import { z } from "zod";

const payload = z.looseObject({ model: z.string(), prompt: z.string(), max_tokens: z.int().positive() });
const parallel = { payload, workload: () => 100, allowParallelRequests: true, maxQueueTime: 60 };

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  handlers: [
    defineHandler({
      ...parallel,
      route: "/v1/completions",
      benchmark: {
        generator: () => ({ model: "stand-in", prompt: "hello", max_tokens: 128 }),
        runs: 1,
        concurrency: 10,
      },
    }),
    defineHandler({ ...parallel, route: "/stream/200/2" }),
    defineHandler({ ...parallel, route: "/stream/1000/1000" }),
    defineHandler({ ...parallel, route: "/serial", allowParallelRequests: false, maxQueueTime: null }),
  ],
  logActions: {
    onLoad: ["Application startup complete."],
    onError: ["INFO exited: vllm", "RuntimeError: Engine", "Traceback (most recent call last):"],
    onInfo: ['"message":"Download'],
  },
}).run();
