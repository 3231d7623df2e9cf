import { stringifyJson } from "@pyworker/core";
import type { Chat, Completion, ContentPart } from "./schemas.ts";

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

const tokensPerMessage = 5;
/** From 256 to 1600, by model and size. */
const tokensPerAttachment = 500;

/** `defaultTokens`: what the engine makes of a request that doesn't name `max_tokens`. Null is not that: it asks for all that fits. */
export function readCompletion({ max_tokens, n, prompt }: Completion, defaultTokens: number | undefined): TextTask {
  const prompts = promptList(prompt ?? "");
  return {
    texts: prompts.filter((item) => typeof item === "string"),
    otherTokens: prompts.reduce((sum, item) => sum + (typeof item === "string" ? 0 : item.length), 0),
    prompts: Math.max(1, prompts.length),
    sequences: Math.max(1, prompts.length) * (n ?? 1),
    outputLimit: max_tokens === undefined ? defaultTokens : (max_tokens ?? undefined),
    maxTokens: max_tokens ?? undefined,
  };
}

export function readChat({ max_completion_tokens, max_tokens, messages, n, tools }: Chat): TextTask {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : [content ?? ""]));
  const texts = parts.map(textOf).filter((text) => text !== undefined);
  const definitions = [...messages.flatMap(({ tool_calls: calls }) => calls ?? []), ...(tools ?? [])];
  return {
    texts: [...texts, ...definitions.map(jsonOf)],
    otherTokens: tokensPerMessage * (messages.length + 1) + tokensPerAttachment * (parts.length - texts.length),
    prompts: 1,
    sequences: n ?? 1,
    outputLimit: max_completion_tokens ?? max_tokens ?? undefined,
    maxTokens: max_tokens ?? undefined,
  };
}

/** Undefined for an image, a sound, a video. */
const textOf = (part: string | ContentPart): string | undefined =>
  typeof part === "string" ? part : (part.text ?? part.thinking ?? part.refusal ?? undefined);

function promptList(prompt: NonNullable<Completion["prompt"]>): readonly (string | readonly number[])[] {
  if (typeof prompt === "string") {
    return [prompt];
  }
  const ids = prompt.filter((item) => typeof item === "number");
  return ids.length > 0 ? [ids] : prompt.filter((item) => typeof item !== "number");
}

/** Nesting beyond what the stack holds makes JSON fail; it is then no text to speak of. */
function jsonOf(value: unknown): string {
  try {
    return stringifyJson(value) ?? "";
  } catch {
    return "";
  }
}
