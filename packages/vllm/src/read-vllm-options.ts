import { type ConfigurationProblem, readVariables } from "@pyworker/core";
import { llmVariables, readLlmOptions } from "@pyworker/llm";
import type { VllmWorkerOptions } from "./create-vllm-worker.ts";
import { type EngineName, isEngineName, presets } from "./presets.ts";
import { readRouteOptions, routeVariables } from "./read-route-options.ts";

/** The environment variables of this package, beside the worker's own. */
export const vllmVariables = {
  BACKEND: "the engine: `vllm` (also called `openai`), `sglang` or `llama`",
  MODEL_NAME: "the served model's name; unset: `VLLM_MODEL`, `SGLANG_MODEL` or `LLAMA_MODEL`",
  VLLM_MODEL: "the model as Vast's image for vLLM names it",
  SGLANG_MODEL: "the same for SGLang",
  LLAMA_MODEL: "the same for llama.cpp",
  ...routeVariables,
  ...llmVariables,
} as const;

type VariableName = keyof typeof vllmVariables;
type Variables = Partial<Record<VariableName, string>>;

const names = Object.keys(vllmVariables) as VariableName[];

/** Options from the environment; `problems` names every variable that is wrong. */
export function readVllmOptions(variables: Variables = readVariables(names)): VllmWorkerOptions {
  const problems: ConfigurationProblem[] = [];
  const engine = readEngine(variables, problems);
  const llm = readLlmOptions(variables, problems);
  const { MODEL_NAME, VLLM_MODEL, SGLANG_MODEL, LLAMA_MODEL } = variables;
  const model = MODEL_NAME ?? VLLM_MODEL ?? SGLANG_MODEL ?? LLAMA_MODEL;
  return {
    engine,
    ...llm,
    ...readRouteOptions(variables, problems),
    problems,
    ...(model === undefined ? {} : { model }),
  };
}

function readEngine({ BACKEND: name = "vllm" }: Variables, problems: ConfigurationProblem[]): EngineName {
  const engine = name === "openai" ? "vllm" : name;
  if (isEngineName(engine)) {
    return engine;
  }
  problems.push({ name: "BACKEND", expected: Object.keys(presets).join(" or "), found: JSON.stringify(name) });
  return "vllm";
}
