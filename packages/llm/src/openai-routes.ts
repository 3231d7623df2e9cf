import type { z } from "zod";
import type { Llm } from "./llm.ts";
import { chatSchema, completionSchema, type TextRequest } from "./schemas.ts";
import { askForUsage, isUsageOurs } from "./stream-options.ts";
import { textRoute } from "./text-route.ts";
import { readChat, readCompletion, type TextTask } from "./text-task.ts";
import { bodyOf, wrappable } from "./wrappable.ts";

/** `/v1/completions`. `defaultTokens`: what the engine makes of a request without `max_tokens`; undefined: all that fits. */
export const completionRoute = (llm: Llm, defaultTokens: number | undefined) =>
  openAiRoute(llm, completionSchema, (request) =>
    readCompletion(request, { defaultTokens, bosTokens: llm.counter.tokenizer?.bosTokens }),
  );

/** `/v1/chat/completions`. */
export const chatRoute = (llm: Llm) =>
  openAiRoute(llm, chatSchema, (chat) => readChat(chat, llm.counter.tokenizer?.template));

function openAiRoute<Schema extends z.ZodType<TextRequest>>(
  llm: Llm,
  schema: Schema,
  read: (request: z.output<Schema>) => TextTask,
) {
  return textRoute(llm, {
    payload: wrappable(schema),
    read: ({ request }) => read(request),
    transform: bodyOf,
    askForUsage,
    stripsUsage: ({ request }) => isUsageOurs(request),
  });
}
