import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange, Handler } from "../server/exchange.ts";
import type { ChunkFate } from "../server/faults.ts";
import { type Chunk, dataEvent, sendStream, sendWhole } from "../server/send-answer.ts";
import { created, fingerprint, piecesOf, textOf } from "../server/words.ts";
import { readTextRequest, type TextRequest, type TextRules } from "./text-request.ts";

/** How a server's answers look, beyond what all have. */
export interface TextStyle {
  /** The end of a stream whose engine has failed. */
  failure: string;
  /** Fields that it adds to a whole answer and to the last chunk of a stream. */
  extras?(request: TextRequest): object;
  /** Whether the last chunk of a stream tells usage, asked or not. */
  usageInLast?(request: TextRequest): boolean;
}

/** The same request gets the same bytes every time, so that tests can compare them. */
export const textHandler =
  (rules: TextRules, style: TextStyle): Handler =>
  async (exchange) => {
    const request = readTextRequest(exchange, rules);
    if ("status" in request) {
      exchange.refuse(request.status, request.message);
      return;
    }
    await sendReply(exchange, request, style);
  };

/** Answers a request for text, whole or as a stream. */
export async function sendReply(exchange: Exchange, request: TextRequest, style: TextStyle): Promise<ChunkFate> {
  const { msPerPromptToken } = exchange.settings;
  if (msPerPromptToken > 0) {
    await sleep(msPerPromptToken * promptTokensOf(request));
  }
  if (request.stream) {
    return sendStream(exchange, streamOf(exchange, request, style));
  }
  const { tokens } = request;
  await sendWhole(exchange, { body: wholeOf(exchange, request, style), tokens });
  return "send";
}

function wholeOf(exchange: Exchange, request: TextRequest, style: TextStyle): object {
  const { isChat, prompts, n, tokens, finishReason } = request;
  const choices = Array.from({ length: prompts.length * n }, (_, index) => ({
    index,
    ...(isChat ? { message: messageOf(request) } : { text: textOf(tokens) }),
    logprobs: null,
    finish_reason: finishReason,
    stop_reason: null,
  }));
  return {
    ...headOf(request, exchange),
    object: isChat ? "chat.completion" : "text_completion",
    choices,
    system_fingerprint: fingerprint,
    usage: usageOf(request, { completed: tokens * choices.length, exchange }),
    ...style.extras?.(request),
  };
}

const messageOf = ({ calls, tokens }: TextRequest): object =>
  calls === undefined
    ? { role: "assistant", content: textOf(tokens), refusal: null }
    : { role: "assistant", content: null, refusal: null, tool_calls: [{ ...callOf(calls, "{}") }] };

const callOf = (name: string, args: string): object => ({
  id: "chatcmpl-tool-stand-in",
  type: "function",
  function: { name, arguments: args },
});

function streamOf(exchange: Exchange, request: TextRequest, style: TextStyle) {
  const { isChat, prompts, n, tokens, continuousUsage, finishReason, includeUsage } = request;
  const head = { ...headOf(request, exchange), object: isChat ? "chat.completion.chunk" : "text_completion" };
  const sequences = prompts.length * n;
  const eventOf = (choice: object, completed: number, more: object = {}): string => {
    const usage = continuousUsage ? { usage: usageOf(request, { completed, exchange }) } : {};
    return dataEvent({ ...head, choices: [choice], ...usage, ...more });
  };
  const isUsageInLast = style.usageInLast?.(request) === true;
  const contents = contentsOf(request, exchange.settings.tokensPerChunk);
  function* chunks(): Generator<Chunk> {
    for (const [position, { content, tokens: step, until }] of contents.entries()) {
      const isLast = position === contents.length - 1;
      for (let index = 0; index < sequences; index += 1) {
        const ending = { logprobs: null, finish_reason: isLast ? finishReason : null, stop_reason: null };
        const own = { ...request, prompts: [prompts[Math.floor(index / n)] ?? 0] };
        const usage = isUsageInLast ? { usage: usageOf(own, { completed: tokens, exchange }) } : {};
        const more = isLast ? { ...usage, ...style.extras?.(request) } : {};
        // All sequences are generated at once: only the last of a step takes its time.
        yield {
          text: eventOf({ index, ...content, ...ending }, until, more),
          tokens: index === sequences - 1 ? step : 0,
        };
      }
    }
  }
  const usage = usageOf(request, { completed: tokens * sequences, exchange });
  const delta = { role: "assistant", content: "" };
  return {
    head: isChat
      ? Array.from({ length: sequences }, (_, index) =>
          eventOf({ index, delta, logprobs: null, finish_reason: null }, 0),
        )
      : [],
    chunks: chunks(),
    tail: [
      ...(includeUsage ? [dataEvent({ ...head, choices: [], usage, system_fingerprint: fingerprint })] : []),
      "data: [DONE]\n\n",
    ],
    failure: style.failure,
  };
}

/** What the chunks of one sequence bring, with their tokens. */
function contentsOf(
  { calls, isChat, tokens }: TextRequest,
  tokensPerChunk: number,
): { content: object; tokens: number; until: number }[] {
  if (calls !== undefined) {
    const before = Math.floor(tokens / 2);
    return [
      { content: { delta: { tool_calls: [{ index: 0, ...callOf(calls, "") }] } }, tokens: before, until: before },
      {
        content: { delta: { tool_calls: [{ index: 0, function: { arguments: "{}" } }] } },
        tokens: tokens - before,
        until: tokens,
      },
    ];
  }
  return piecesOf(tokens, tokensPerChunk).map(({ text, ...piece }) => ({
    content: isChat ? { delta: { content: text } } : { text },
    ...piece,
  }));
}

const headOf = ({ isChat }: TextRequest, { settings }: Exchange) => ({
  id: isChat ? "chatcmpl-stand-in" : "cmpl-stand-in",
  object: "",
  created,
  model: settings.model,
});

interface UsageNow {
  completed: number;
  exchange: Exchange;
}

const usageOf = (request: TextRequest, { completed, exchange }: UsageNow): object =>
  usageFields(exchange, { prompt: promptTokensOf(request), completed });

const promptTokensOf = ({ prompts }: TextRequest): number => prompts.reduce((sum, tokens) => sum + tokens, 0);

const usageFields = (
  { settings: { cachedTokens } }: Exchange,
  { completed, prompt }: { prompt: number; completed: number },
): object => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completed,
  completion_tokens: completed,
  ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
});
