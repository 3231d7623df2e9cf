// A worker for model-server.ts. README.md goes through it step by step.
import { defineHandler, Worker } from "@pyworker/core";
import { z } from "zod";

/** What may be asked for. */
const view = z.strictObject({
  x: z.number().min(-2).max(2),
  y: z.number().min(-2).max(2),
  zoom: z.number().min(0.25).max(1e9).default(1),
  size: z.int().min(16).max(512).default(256),
  steps: z.int().min(1).max(500).default(200),
});

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  modelServerPort: 18000,
  modelLogFile: "model.log",
  modelHealthcheckUrl: "/health",
  handlers: [
    defineHandler({
      route: "/draw",
      payload: view,
      // What the schema filled in reaches the model server by this alone.
      transform: (payload) => payload,
      // Millions of steps, at most.
      workload: ({ size, steps }) => (size * size * steps) / 1_000_000,
      allowParallelRequests: false,
      maxQueueTime: 30,
      benchmark: {
        generator: () => ({ x: -0.75, y: Math.random() / 10, zoom: 10, size: 256, steps: 200 }),
        runs: 5,
      },
    }),
  ],
  logActions: { onLoad: ["INFO model loaded"], onError: ["FATAL"], onInfo: ["INFO loading weights"] },
}).run();
