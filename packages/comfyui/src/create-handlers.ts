import { defineHandler, type Handler, type PassthroughRoute } from "@pyworker/core";
import type { ComfyuiBackend } from "./comfyui-backend.ts";
import type { jobRequestSchema } from "./inputs/job-request.ts";
import { serveLater, serveStream, serveSync } from "./routes/generate-routes.ts";
import { jobControls } from "./routes/job-controls.ts";
import type { ComfyuiServices } from "./services.ts";

interface HandlersOptions {
  backend: ComfyuiBackend;
  payload: ReturnType<typeof jobRequestSchema>;
  /** The benchmark's next request. */
  nextRequest(): Promise<{ input: Record<string, unknown> }>;
}

/** The handlers of all routes. `/generate/sync` has the benchmark. */
export function createHandlers(services: ComfyuiServices, options: HandlersOptions): Handler[] {
  const { backend, nextRequest, payload } = options;
  const { settings } = services;
  const shared = {
    payload,
    // ComfyUI takes one job at a time.
    allowParallelRequests: false,
    workload: ({ workload }: { workload: number }) => workload,
  } as const;
  return [
    defineHandler({
      ...shared,
      route: "/generate/sync",
      maxQueueTime: settings.maxQueueTime,
      serve: serveSync(services),
      benchmark: {
        runs: backend.benchmark.runs,
        maxSeconds: backend.benchmark.maxSeconds,
        until: "stable",
        // Nobody is told of it, and nothing of it is kept.
        generator: async () => ({ input: { ...(await nextRequest()).input, s3: false, webhook: false } }),
      },
      passthrough: passthroughTo(settings.comfyuiUrl),
      controls: jobControls(services),
    }),
    defineHandler({
      ...shared,
      route: "/generate/stream",
      maxQueueTime: settings.maxQueueTime,
      serve: serveStream(services),
    }),
    // Nobody waits for it; how many jobs there may be is limited all the same.
    defineHandler({ ...shared, route: "/generate", maxQueueTime: null, serve: serveLater(services) }),
  ];
}

const passthroughTo = (origin: string): PassthroughRoute[] => [
  { method: "GET", path: "/view", origin },
  { method: "HEAD", path: "/view", origin },
  { method: "POST", path: "/upload/image", origin },
];
