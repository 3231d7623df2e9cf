import { homedir } from "node:os";
import { join } from "node:path";
import type { ConfigurationProblem } from "@pyworker/core";
import type { LlmOptions } from "./llm.ts";
import type { WorkloadOptions } from "./pricing.ts";

/** The environment variables of every worker for a language model, beside the worker's own. */
export const llmVariables = {
  MAX_MODEL_LEN: "the model's context length in tokens; unset: what the model server says",
  WORKLOAD_COUNT: "`tokens`, or `max_tokens` to count that field alone",
  MAX_QUEUE_TIME: "longest expected wait of a request in seconds; unset: 600",
  TOKENIZER:
    "an encoding (`o200k_base`), the path of a `tokenizer.json` or `tekken.json`, or `bytes`; unset: the model's own, where this machine has it",
  HF_HUB_CACHE: "where Hugging Face's models are kept; unset: `hub` in `HF_HOME`",
  HF_HOME: "unset: `~/.cache/huggingface`",
} as const;

type Variables = Partial<Record<keyof typeof llmVariables, string>>;

/** Options from the environment. What is wrong is added to `problems`. */
export function readLlmOptions(variables: Variables, problems: ConfigurationProblem[]): LlmOptions {
  const { HF_HOME = join(homedir(), ".cache/huggingface"), HF_HUB_CACHE = join(HF_HOME, "hub"), TOKENIZER } = variables;
  const maxQueueTime = readNumber("MAX_QUEUE_TIME", "seconds", variables, problems);
  return {
    workload: readWorkload(variables, problems),
    hubFolders: [HF_HUB_CACHE],
    ...(TOKENIZER === undefined ? {} : { tokenizer: TOKENIZER }),
    ...(maxQueueTime === undefined ? {} : { maxQueueTime }),
  };
}

function readWorkload(variables: Variables, problems: ConfigurationProblem[]): WorkloadOptions {
  const workload: WorkloadOptions = {};
  const length = readNumber("MAX_MODEL_LEN", "tokens", variables, problems);
  if (length !== undefined) {
    workload.maxModelLength = length;
  }
  const { WORKLOAD_COUNT: count } = variables;
  if (count === "tokens" || count === "max_tokens") {
    workload.count = count;
  } else if (count !== undefined) {
    problems.push({ name: "WORKLOAD_COUNT", expected: "tokens or max_tokens", found: JSON.stringify(count) });
  }
  return workload;
}

function readNumber(
  name: keyof Variables,
  what: string,
  { [name]: text }: Variables,
  problems: ConfigurationProblem[],
): number | undefined {
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) {
    return text === undefined ? undefined : Number(text);
  }
  problems.push({ name, expected: `a number of ${what}`, found: JSON.stringify(text) });
  return undefined;
}
