import type { Handler, Multipart } from "@pyworker/core";
import type { WorkloadOptions } from "@pyworker/llm";
import { createTokenCounter } from "@pyworker/tokens";
import { type EngineName, presets } from "../presets.ts";
import { type RouteName, routes } from "./index.ts";

interface Settings {
  engine?: EngineName;
  workload?: WorkloadOptions;
  benchmarkSpeechVoice?: string;
  benchmarkEmbedChars?: number;
}

/** The handler of a route, measured, for a model called "mine" of 8192 tokens. */
export function handlerOf(path: RouteName, { engine = "vllm", workload = {}, ...settings }: Settings = {}): Handler {
  const counter = createTokenCounter();
  const queue = { add: () => () => {} };
  const model = { name: "mine", maxLength: 8192 };
  const maxQueueTime = 600;
  const loading = { loadSoon: () => {}, load: async () => {} };
  const llm = { workload, unit: "tokens", model, counter, queue, maxQueueTime, ...loading };
  const context = { llm, preset: presets[engine], benchmarkSpeechVoice: undefined, benchmarkEmbedChars: 600 };
  return routes[path]({ ...context, ...settings })({ path, isMeasured: true, maxQueueTime });
}

type Accepted = Exclude<ReturnType<Handler["prepare"]>, { problems: object }>;

/** What becomes of a payload that is accepted. */
export function accepted(path: RouteName, payload: unknown, settings?: Settings): Accepted {
  const prepared = handlerOf(path, settings).prepare(payload);
  if ("problems" in prepared) {
    throw new Error(JSON.stringify(prepared.problems));
  }
  return prepared;
}

export const workloadOf = (path: RouteName, payload: unknown, settings?: Settings): number =>
  accepted(path, payload, settings).workload();

/** The form that the engine gets. */
export const formOf = (path: RouteName, payload: unknown): Multipart["fields"] => {
  const form = accepted(path, payload).transform();
  return (form as Multipart).fields;
};

/** The paths of all faults, and what is said of the first. */
export function faultsOf(path: RouteName, payload: unknown): { paths: string[]; first: string } {
  const prepared = handlerOf(path).prepare(payload);
  const problems = "problems" in prepared ? prepared.problems : {};
  return { paths: Object.keys(problems), first: Object.values(problems)[0] ?? "" };
}

/** A benchmark's request: its payload, and what it costs. */
export async function benchmarkOf(path: RouteName, settings?: Settings) {
  const payload: Record<string, unknown> = Object(await handlerOf(path, settings).benchmark?.nextPayload?.());
  return { payload, workload: workloadOf(path, payload, settings) };
}
