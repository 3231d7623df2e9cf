export { type AnswerFormat, openAiFormat } from "./answer-format.ts";
export { createLlm, type Llm, type LlmOptions, type ModelLimits } from "./llm.ts";
export { llmVariables, readLlmOptions } from "./llm-variables.ts";
export { chatRoute, completionRoute } from "./openai-routes.ts";
export type { WorkloadOptions } from "./pricing.ts";
export { randomWords } from "./random-words.ts";
export {
  type Chat,
  type Completion,
  chatSchema,
  completionSchema,
  type TextRequest,
} from "./schemas.ts";
export { askForUsage, isUsageOurs } from "./stream-options.ts";
export { type TextRouteOptions, textRoute } from "./text-route.ts";
export { readChat, readCompletion, type TextTask } from "./text-task.ts";
export { isObject, unwrapInput } from "./unwrap-input.ts";
export type { Usage } from "./usage.ts";
export { createUsageFinder } from "./usage-finder.ts";
export { waitForAll } from "./wait-for-all.ts";
export { bodyOf, copyFaults, type Wrappable, wrappable } from "./wrappable.ts";
