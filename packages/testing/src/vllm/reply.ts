import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "../faults.ts";
import { errorBody } from "./send-error.ts";
import type { TextRequest } from "./text-request.ts";

/** The same request gets the same bytes every time, so that tests can compare them. */
export interface ReplyOptions {
  model: string;
  msPerToken: number;
  /** Prompt tokens that it says were cached; undefined: it says nothing of that. */
  cachedTokens: number | undefined;
  faults: Faults;
}

export const fingerprint = "stand-in";
const created = 1_700_000_000;
const words =
  "This is a stand-in for a model: it has no weights, reads nothing, and says the same to all who ask.".split(" ");

/** The token at `index` of any answer. */
const wordAt = (index: number): string => `${index === 0 ? "" : " "}${words[index % words.length]}`;

/** Answers a request for text, whole or as a stream. */
export const sendReply = (response: ServerResponse, request: TextRequest, options: ReplyOptions): Promise<void> =>
  request.stream ? streamReply(response, request, options) : wholeReply(response, request, options);

async function wholeReply(response: ServerResponse, request: TextRequest, options: ReplyOptions): Promise<void> {
  const { isChat, prompts, n, tokens, finishReason } = request;
  await sleep(options.msPerToken * tokens);
  const text = Array.from({ length: tokens }, (_, index) => wordAt(index)).join("");
  const content = isChat ? { message: { role: "assistant", content: text, refusal: null } } : { text };
  const choices = Array.from({ length: prompts.length * n }, (_, index) => ({
    index,
    ...content,
    logprobs: null,
    finish_reason: finishReason,
    stop_reason: null,
  }));
  const body = Buffer.from(
    JSON.stringify({
      ...headOf(request, options),
      object: isChat ? "chat.completion" : "text_completion",
      choices,
      system_fingerprint: fingerprint,
      usage: usageOf(request, { completed: tokens * choices.length, options }),
    }),
  );
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  if (options.faults.current.dieAfterChunks === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, body.length / 2));
  await new Promise(setImmediate);
  response.destroy();
}

async function streamReply(response: ServerResponse, request: TextRequest, options: ReplyOptions): Promise<void> {
  const { isChat, prompts, n, tokens, continuousUsage, finishReason, includeUsage } = request;
  const head = { ...headOf(request, options), object: isChat ? "chat.completion.chunk" : "text_completion" };
  const sequences = prompts.length * n;
  const eventOf = (choice: object, completed: number): string => {
    const usage = continuousUsage ? { usage: usageOf(request, { completed, options }) } : {};
    return `data: ${JSON.stringify({ ...head, choices: [choice], ...usage })}\n\n`;
  };
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (let index = 0; isChat && index < sequences; index += 1) {
    const delta = { role: "assistant", content: "" };
    response.write(eventOf({ index, delta, logprobs: null, finish_reason: null }, 0));
  }
  for (let chunk = 0; chunk < tokens * sequences && !response.destroyed; chunk += 1) {
    const fate = await options.faults.applyToChunk(chunk, response);
    if (fate === "error") {
      response.end(`data: ${JSON.stringify(errorBody(500, "EngineCore encountered an issue."))}\n\ndata: [DONE]\n\n`);
    }
    if (fate !== "send") {
      return;
    }
    const [position, index] = [Math.floor(chunk / sequences), chunk % sequences];
    const finish = position === tokens - 1 ? finishReason : null;
    const content = isChat ? { delta: { content: wordAt(position) } } : { text: wordAt(position) };
    response.write(
      eventOf({ index, ...content, logprobs: null, finish_reason: finish, stop_reason: null }, position + 1),
    );
    if (options.msPerToken > 0 && index === sequences - 1) {
      await sleep(options.msPerToken);
    }
  }
  if (includeUsage) {
    const usage = usageOf(request, { completed: tokens * sequences, options });
    response.write(`data: ${JSON.stringify({ ...head, choices: [], usage, system_fingerprint: fingerprint })}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}

const headOf = ({ isChat }: TextRequest, { model }: ReplyOptions) => ({
  id: isChat ? "chatcmpl-stand-in" : "cmpl-stand-in",
  object: "",
  created,
  model,
});

function usageOf(
  { prompts }: TextRequest,
  { completed, options: { cachedTokens } }: { completed: number; options: ReplyOptions },
) {
  const promptTokens = prompts.reduce((sum, tokens) => sum + tokens, 0);
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completed,
    completion_tokens: completed,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  };
}
