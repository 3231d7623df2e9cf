import { type ConfigurationProblem, readVariables } from "@pyworker/core";
import { llmVariables, readLlmOptions } from "@pyworker/llm";
import type { VllmWorkerOptions } from "./create-vllm-worker.ts";
import { type EngineName, isEngineName, presets } from "./presets.ts";

/** The environment variables of this package, beside the worker's own. */
export const vllmVariables = {
  BACKEND: "the engine: `vllm` (also called `openai`), `sglang` or `llama`",
  MODEL_NAME: "the served model's name; unset: `VLLM_MODEL`, `SGLANG_MODEL` or `LLAMA_MODEL`",
  VLLM_MODEL: "the model as Vast's image for vLLM names it",
  SGLANG_MODEL: "the same for SGLang",
  LLAMA_MODEL: "the same for llama.cpp",
  OPENAI_ROUTES: "the routes to serve, with commas between them; unset: the text routes and `BENCHMARK_ROUTE`",
  BENCHMARK_ROUTE: "the route that throughput is measured by; unset: `/v1/completions`",
  BENCHMARK_SPEECH_VOICE: "the voice that a benchmark of speech asks for; unset: the model's own",
  BENCHMARK_EMBED_CHARS: "characters in a text that a benchmark has embedded; unset: 600",
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
    ...readRoutes(variables, problems),
    problems,
    ...(model === undefined ? {} : { model }),
  };
}

type RouteVariables = Pick<
  VllmWorkerOptions,
  "routes" | "benchmarkRoute" | "benchmarkSpeechVoice" | "benchmarkEmbedChars"
>;

/** Which routes there are is for createVllmWorker to know. */
function readRoutes(
  {
    BENCHMARK_EMBED_CHARS: characters,
    BENCHMARK_ROUTE: benchmarkRoute,
    BENCHMARK_SPEECH_VOICE: voice,
    OPENAI_ROUTES: routes,
  }: Variables,
  problems: ConfigurationProblem[],
): RouteVariables {
  const isCount = characters !== undefined && /^[1-9]\d{0,6}$/.test(characters);
  if (characters !== undefined && !isCount) {
    const found = JSON.stringify(characters);
    problems.push({ name: "BENCHMARK_EMBED_CHARS", expected: "a number of characters", found });
  }
  return {
    ...(routes === undefined
      ? {}
      : {
          routes: routes
            .split(",")
            .map((path) => path.trim())
            .filter((path) => path !== ""),
        }),
    ...(benchmarkRoute === undefined ? {} : { benchmarkRoute }),
    ...(voice === undefined ? {} : { benchmarkSpeechVoice: voice }),
    ...(isCount ? { benchmarkEmbedChars: Number(characters) } : {}),
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
