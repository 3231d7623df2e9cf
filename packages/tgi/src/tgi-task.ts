import { readChat, readCompletion, type TextTask } from "@pyworker/llm";
import type { ChatTemplate } from "@pyworker/tokens";
import type { ServerLimits } from "./model-server.ts";
import type { Generate, TgiChat, TgiCompletion } from "./schemas.ts";

/** The longest token of most texts, in characters: what is cut off has no share in the price. */
const longestToken = 8;

/** `best_of` answers are made for one prompt, and all but one thrown away. */
export function readGenerate({ inputs, parameters }: Generate, limits: ServerLimits): TextTask {
  const { best_of: bestOf, max_new_tokens: maxNewTokens, truncate } = parameters ?? {};
  const promptTokens = Math.min(truncate ?? limits.inputTokens, limits.inputTokens);
  return {
    // The beginning is what is cut off.
    texts: [inputs.slice(-promptTokens * longestToken)],
    otherTokens: 0,
    prompts: 1,
    sequences: Math.max(1, bestOf ?? 1),
    outputLimit: maxNewTokens ?? limits.newTokens,
    maxTokens: maxNewTokens ?? undefined,
  };
}

export function readTgiCompletion(request: TgiCompletion, { newTokens }: ServerLimits): TextTask {
  const task = readCompletion({ prompt: request.prompt, max_tokens: request.max_tokens });
  return { ...task, outputLimit: task.outputLimit ?? newTokens };
}

/**
 * With tools an answer may be made twice: the second time without, where the model has chosen none. Usage tells of one.
 * `template`: what the model's chat template adds.
 */
export function readTgiChat(request: TgiChat, { newTokens }: ServerLimits, template?: ChatTemplate): TextTask {
  const task = readChat(request, template);
  return { ...task, outputLimit: task.outputLimit ?? newTokens };
}
