import { defineHandler, type Handler, type PassthroughRoute } from "@pyworker/core";
import { chatRoute, completionRoute, type Llm } from "@pyworker/llm";
import { benchmarkPayload } from "./benchmark.ts";
import type { Preset } from "./presets.ts";

const passthrough: readonly PassthroughRoute[] = [
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: "/version" },
];

/** The handlers of `/v1/completions`, which has the benchmark, and `/v1/chat/completions`. */
export function createTextHandlers(
  llm: Llm,
  { benchmarkConcurrency: concurrency, completionTokens }: Preset,
): Handler[] {
  return [
    defineHandler({
      ...completionRoute(llm, completionTokens),
      route: "/v1/completions",
      benchmark: { generator: () => benchmarkPayload(llm.model), runs: 3, concurrency, until: "stable" },
      passthrough,
    }),
    defineHandler({ ...chatRoute(llm), route: "/v1/chat/completions" }),
  ];
}
