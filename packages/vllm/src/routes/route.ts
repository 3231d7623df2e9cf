import {
  type BenchmarkDefinition,
  defineHandler,
  type Handler,
  type PassthroughRoute,
  type ResponseWatcher,
  type WatchContext,
} from "@pyworker/core";
import type { Llm } from "@pyworker/llm";
import type { z } from "zod";
import type { Preset } from "../presets.ts";

/** What the routes of one worker know of it. */
export interface RouteContext {
  llm: Llm;
  preset: Preset;
  /** The voice of the speech that the benchmark asks for; undefined: the model's own. */
  benchmarkSpeechVoice: string | undefined;
  /** How long the texts are that the benchmark has embedded. */
  benchmarkEmbedChars: number;
}

/** A route as it is described in a file of its own: all but its path, which the table of routes has. */
interface RouteDefinition<Schema extends z.ZodType> {
  payload: Schema;
  maxBodyBytes?: number;
  passthrough?: readonly PassthroughRoute[];
  workload: (payload: z.output<Schema>) => number;
  transform?: (payload: z.output<Schema>) => unknown;
  watch?: (context: WatchContext<z.output<Schema>>) => ResponseWatcher;
  benchmark: BenchmarkDefinition<z.input<Schema>>;
}

interface Place {
  path: string;
  /** Whether this is the route that the worker's throughput is measured by. */
  isMeasured: boolean;
  maxQueueTime: number | null;
}

/** A route of an OpenAI-compatible server. */
export type Route = (context: RouteContext) => (place: Place) => Handler;

export const defineRoute =
  <Schema extends z.ZodType>({ benchmark, ...definition }: RouteDefinition<Schema>) =>
  ({ path, isMeasured, maxQueueTime }: Place): Handler =>
    defineHandler<Schema>({
      allowParallelRequests: true,
      maxQueueTime,
      ...definition,
      route: path,
      // One handler of a worker is measured, and one is enough to let these through.
      ...(isMeasured ? { benchmark, passthrough: [...(definition.passthrough ?? []), ...modelRoutes] } : {}),
    });

/** What engines tell about themselves. */
const modelRoutes: readonly PassthroughRoute[] = [
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: "/version" },
];

/** How text is measured, where it takes the engine a while: as many requests at once as the engine runs side by side. */
export const textBenchmark = ({ benchmarkConcurrency: concurrency }: Preset) =>
  ({ runs: 3, concurrency, until: "stable" }) as const;

/** The same for what is over at once. */
export const quickBenchmark = { runs: 3, concurrency: 10, until: "stable" } as const;

/** The model's name, for requests of our own. */
export const benchmarkModel = ({ model: { name } }: Llm): { model?: string } =>
  name === undefined ? {} : { model: name };
