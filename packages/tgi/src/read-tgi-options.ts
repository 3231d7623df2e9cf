import { type ConfigurationProblem, readVariables } from "@pyworker/core";
import { llmVariables, readLlmOptions } from "@pyworker/llm";
import type { TgiWorkerOptions } from "./create-tgi-worker.ts";

const { MAX_MODEL_LEN: _named, ...sharedVariables } = llmVariables;

/** The environment variables of this package, beside the worker's own. */
export const tgiVariables = {
  MODEL_NAME: "the served model's name; unset: `MODEL_ID`",
  MODEL_ID: "the model as Text Generation Inference is started with it",
  MAX_TOTAL_TOKENS: "the model's context length in tokens; unset: what the model server says",
  ...sharedVariables,
  WORKLOAD_COUNT: "`tokens`, or `max_tokens` to count `max_new_tokens` alone",
  MAX_QUEUE_TIME: "longest expected wait of a request in seconds; unset: 60",
} as const;

type VariableName = keyof typeof tgiVariables;
type Variables = Partial<Record<VariableName, string>>;

const names = Object.keys(tgiVariables) as VariableName[];

/** Where Text Generation Inference's own image keeps its models. */
const imageFolders = ["/data", "/data/hub"];

/** Options from the environment; `problems` names every variable that is wrong. */
export function readTgiOptions(variables: Variables = readVariables(names)): TgiWorkerOptions {
  const { MAX_TOTAL_TOKENS: length, MODEL_ID, MODEL_NAME = MODEL_ID, ...shared } = variables;
  const problems: ConfigurationProblem[] = [];
  const llm = readLlmOptions({ ...shared, ...(length === undefined ? {} : { MAX_MODEL_LEN: length }) }, problems);
  return {
    ...llm,
    hubFolders: [...(llm.hubFolders ?? []), ...imageFolders],
    problems: problems.map(underItsNameHere),
    ...(MODEL_NAME === undefined ? {} : { model: MODEL_NAME }),
  };
}

const underItsNameHere = (problem: ConfigurationProblem): ConfigurationProblem =>
  problem.name === "MAX_MODEL_LEN" ? { ...problem, name: "MAX_TOTAL_TOKENS" } : problem;
