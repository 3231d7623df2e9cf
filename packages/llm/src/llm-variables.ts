import { homedir } from "node:os";
import { join } from "node:path";
import type { ConfigurationProblem } from "@pyworker/core";
import type { LlmOptions } from "./llm.ts";
import type { WorkloadOptions } from "./pricing.ts";

/** The environment variables of every worker for a language model, beside the worker's own. */
export const llmVariables = {
  MAX_MODEL_LEN: "the model's context length in tokens; unset: what the model server says",
  WORKLOAD_COUNT: "`tokens`, or `max_tokens` to count that field alone",
  TOKENIZER:
    "an encoding (`o200k_base`), the path of a `tokenizer.json` or `tekken.json`, or `bytes`; unset: the model's own, where this machine has it",
  HF_HUB_CACHE: "where Hugging Face's models are kept; unset: `hub` in `HF_HOME`",
  HF_HOME: "unset: `~/.cache/huggingface`",
} as const;

type Variables = Partial<Record<keyof typeof llmVariables, string>>;

/** Options from the environment. What is wrong is added to `problems`. */
export function readLlmOptions(variables: Variables, problems: ConfigurationProblem[]): LlmOptions {
  const { HF_HOME = join(homedir(), ".cache/huggingface"), HF_HUB_CACHE = join(HF_HOME, "hub"), TOKENIZER } = variables;
  return {
    workload: readWorkload(variables, problems),
    hubFolders: [HF_HUB_CACHE],
    ...(TOKENIZER === undefined ? {} : { tokenizer: TOKENIZER }),
  };
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
