import { type ConfigurationProblem, readVariables } from "@pyworker/core";
import type { WorkloadOptions } from "@pyworker/llm";
import type { VllmWorkerOptions } from "./create-vllm-worker.ts";
import { type EngineName, isEngineName, presets } from "./presets.ts";

/** The environment variables of this package, beside the worker's own. */
export const vllmVariables = {
  BACKEND: "the engine: `vllm` (also called `openai`), `sglang` or `llama`",
  MODEL_NAME: "the served model's name; unset: `VLLM_MODEL`, `SGLANG_MODEL` or `LLAMA_MODEL`",
  VLLM_MODEL: "the model as Vast's image for vLLM names it",
  SGLANG_MODEL: "the same for SGLang",
  LLAMA_MODEL: "the same for llama.cpp",
  MAX_MODEL_LEN: "the model's context length in tokens; unset: what the model server says",
  WORKLOAD_COUNT: "`tokens`, or `max_tokens` to count that field alone",
} as const;

type VariableName = keyof typeof vllmVariables;
type Variables = Partial<Record<VariableName, string>>;

const names = Object.keys(vllmVariables) as VariableName[];

/** Options from the environment; `problems` names every variable that is wrong. */
export function readVllmOptions(variables: Variables = readVariables(names)): VllmWorkerOptions {
  const problems: ConfigurationProblem[] = [];
  const engine = readEngine(variables, problems);
  const workload = readWorkload(variables, problems);
  const { MODEL_NAME, VLLM_MODEL, SGLANG_MODEL, LLAMA_MODEL } = variables;
  const model = MODEL_NAME ?? VLLM_MODEL ?? SGLANG_MODEL ?? LLAMA_MODEL;
  return { engine, workload, problems, ...(model === undefined ? {} : { model }) };
}

function readEngine({ BACKEND: name = "vllm" }: Variables, problems: ConfigurationProblem[]): EngineName {
  const engine = name === "openai" ? "vllm" : name;
  if (isEngineName(engine)) {
    return engine;
  }
  problems.push({ name: "BACKEND", expected: Object.keys(presets).join(" or "), found: JSON.stringify(name) });
  return "vllm";
}

function readWorkload(
  { MAX_MODEL_LEN: length, WORKLOAD_COUNT: count }: Variables,
  problems: ConfigurationProblem[],
): WorkloadOptions {
  const workload: WorkloadOptions = {};
  if (length !== undefined && /^[1-9]\d{0,8}$/.test(length)) {
    workload.maxModelLength = Number(length);
  } else if (length !== undefined) {
    problems.push({ name: "MAX_MODEL_LEN", expected: "a number of tokens", found: JSON.stringify(length) });
  }
  if (count === "tokens" || count === "max_tokens") {
    workload.count = count;
  } else if (count !== undefined) {
    problems.push({ name: "WORKLOAD_COUNT", expected: "tokens or max_tokens", found: JSON.stringify(count) });
  }
  return workload;
}
