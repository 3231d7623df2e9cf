import { type ChatTemplate, chatParts } from "@pyworker/tokens";
import type { Chat, Completion } from "./schemas.ts";

/** What a request asks of the engine, whichever route it came by. */
export interface TextTask {
  /** The texts of its prompts. */
  texts: readonly string[];
  /** Prompt tokens that are known without counting: token ids, the chat template's share, a guess for each image. */
  otherTokens: number;
  prompts: number;
  /** Answers the engine makes: `n` for each prompt. */
  sequences: number;
  /** Tokens that one answer may have; undefined where that is left to the model. */
  outputLimit: number | undefined;
  /** `max_tokens` as the request has it. */
  maxTokens: number | undefined;
}

interface CompletionReading {
  /** What the engine makes of a request that doesn't name `max_tokens`. Null is not that: it asks for all that fits. */
  defaultTokens?: number | undefined;
  /** What the engine puts before a text. Default none. */
  bosTokens?: number | undefined;
}

export function readCompletion(
  { max_tokens, n, prompt }: Completion,
  { bosTokens = 0, defaultTokens }: CompletionReading = {},
): TextTask {
  const prompts = promptList(prompt ?? "");
  return {
    texts: prompts.filter((item) => typeof item === "string"),
    otherTokens: prompts.reduce((sum, item) => sum + (typeof item === "string" ? bosTokens : item.length), 0),
    prompts: Math.max(1, prompts.length),
    sequences: Math.max(1, prompts.length) * (n ?? 1),
    outputLimit: max_tokens === undefined ? defaultTokens : (max_tokens ?? undefined),
    maxTokens: max_tokens ?? undefined,
  };
}

/** `template`: what the model's chat template adds; left out: what it adds with most models. */
export const readChat = (chat: Chat, template?: ChatTemplate): TextTask => ({
  ...chatParts(chat, template),
  prompts: 1,
  sequences: chat.n ?? 1,
  outputLimit: chat.max_completion_tokens ?? chat.max_tokens ?? undefined,
  maxTokens: chat.max_tokens ?? undefined,
});

function promptList(prompt: NonNullable<Completion["prompt"]>): readonly (string | readonly number[])[] {
  if (typeof prompt === "string") {
    return [prompt];
  }
  const ids = prompt.filter((item) => typeof item === "number");
  return ids.length > 0 ? [ids] : prompt.filter((item) => typeof item !== "number");
}
