import { estimateTokens } from "@pyworker/tokens";
import type { Chat, Completion, TextRequest } from "./schemas.ts";

/** Tokens a request was charged for, once they are known. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** Prompt tokens the engine had cached. */
  cachedTokens: number;
}

export interface WorkloadOptions {
  /** "tokens": expected output plus a share of the prompt. "max_tokens": what the request asks for, as the Python worker counts. */
  count?: "tokens" | "max_tokens";
  /** What a prompt token costs, in output tokens. Default 0.25. */
  promptWeight?: number;
  /** The model's context length, where known: no request costs more than fits. */
  maxModelLength?: number;
}

/** Prices requests, before and after. */
export interface Pricing {
  /** What a request is expected to cost. Never 0, and never throws. */
  estimate(request: TextRequest): number;
  /** What it did cost; undefined where the estimate stays. */
  settle(request: TextRequest, usage: Usage): number | undefined;
}

/** vLLM's own default for completions; chats go on to the end of the context. */
const completionDefault = 16;
const firstGuess = 500;
const smoothing = 0.05;
const tokensPerMessage = 5;
const defaultPromptWeight = 0.25;

export function createPricing({
  count = "tokens",
  promptWeight = defaultPromptWeight,
  maxModelLength = Number.POSITIVE_INFINITY,
}: WorkloadOptions = {}): Pricing {
  // How long answers are when nobody says how long they may be.
  let usualOutput = firstGuess;
  return {
    estimate: (request) => {
      const limit = outputLimit(request);
      if (count === "max_tokens") {
        return Math.max(1, limit ?? 0);
      }
      const promptTokens = Math.min(estimatePrompt(request), maxModelLength);
      const expected = Math.min(limit ?? usualOutput, Math.max(maxModelLength - promptTokens, 1));
      return Math.max(1, Math.round(promptWeight * promptTokens + expected * sequences(request)));
    },
    settle: (request, { cachedTokens, completionTokens, promptTokens }) => {
      if (outputLimit(request) === undefined) {
        usualOutput += smoothing * (completionTokens / sequences(request) - usualOutput);
      }
      if (count === "max_tokens") {
        return undefined;
      }
      return Math.max(1, Math.round(promptWeight * Math.max(promptTokens - cachedTokens, 0) + completionTokens));
    },
  };
}

/** Tokens one answer may have; undefined where the request leaves it to the model. */
function outputLimit(request: TextRequest): number | undefined {
  if (isChat(request)) {
    return request.max_completion_tokens ?? request.max_tokens ?? undefined;
  }
  return request.max_tokens ?? completionDefault;
}

/** Answers the engine makes: one for each prompt, `n` times. */
function sequences(request: TextRequest): number {
  const { n } = request;
  return (n ?? 1) * (isChat(request) ? 1 : Math.max(1, prompts(request).length));
}

function estimatePrompt(request: TextRequest): number {
  return isChat(request)
    ? estimateChat(request)
    : prompts(request).reduce<number>((sum, prompt) => sum + promptLength(prompt), 0);
}

function estimateChat({ messages, tools }: Chat): number {
  const text = messages.reduce((sum, { content }) => sum + contentLength(content), 0);
  const overhead = tokensPerMessage * (messages.length + 1);
  return text + overhead + (tools ? estimateTokens(safeJson(tools)) : 0);
}

function contentLength(content: Chat["messages"][number]["content"]): number {
  if (typeof content === "string") {
    return estimateTokens(content);
  }
  return (content ?? []).reduce((sum, { text }) => sum + estimateTokens(text ?? ""), 0);
}

/** A prompt is a text or a list of token ids; a request has one or several. */
function prompts({ prompt }: Completion): readonly (string | readonly number[])[] {
  if (typeof prompt === "string") {
    return [prompt];
  }
  const list: readonly (string | number | number[])[] = prompt ?? [];
  const ids = list.filter((item) => typeof item === "number");
  return ids.length > 0 ? [ids] : list.filter((item) => typeof item !== "number");
}

const promptLength = (prompt: string | readonly number[]): number =>
  typeof prompt === "string" ? estimateTokens(prompt) : prompt.length;

const isChat = (request: TextRequest): request is Chat => "messages" in request;

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item)) ?? "";
  } catch {
    return "";
  }
}
