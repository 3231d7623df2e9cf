import { sendReply } from "../openai/text-reply.ts";
import { readMessages, readPrompts, type TextRequest } from "../openai/text-request.ts";
import type { Exchange, Handler, Routes } from "../server/exchange.ts";
import type { ChunkFate } from "../server/faults.ts";
import { isObject, numberOf, parseObject } from "../server/read-body.ts";
import { dataEvent } from "../server/send-answer.ts";
import { sendJson } from "../server/send-json.ts";
import { created, fingerprint } from "../server/words.ts";
import { generationFailure, openAiErrorBody, overloaded, tgiErrorBody, tgiEvent } from "./error-body.ts";
import { headersOf, sendGenerated, streamGenerated, streamHeaders, tokensWithPlaces } from "./generate.ts";
import { findTgiFault, readGenerateRequest, type TgiLimits, type TgiRefusal, tgiLengthOf } from "./generate-request.ts";

/** What the routes share. */
export interface TgiState {
  /** False after a failed generation, until one succeeds. */
  isHealthy: boolean;
  running: number;
}

const maxClientBatchSize = 4;

export function tgiRoutes(limits: TgiLimits, state: TgiState): Routes {
  const health: Handler = ({ refuse, response }) =>
    state.isHealthy ? void response.writeHead(200).end() : refuse(503, "unhealthy");
  /** Counts what runs, refuses what is too much, and remembers how it went. */
  const generating = async (
    exchange: Exchange,
    generate: () => Promise<ChunkFate>,
    refuse: (refusal: TgiRefusal) => void,
  ) => {
    if (state.running >= limits.maxConcurrentRequests) {
      return refuse({ status: 429, message: overloaded });
    }
    state.running += 1;
    exchange.response.once("close", () => {
      state.running -= 1;
    });
    const fate = await generate();
    if (fate === "send" || fate === "error") {
      state.isHealthy = fate === "send";
    }
  };
  const generate =
    (kind: "whole" | "stream" | "compatible"): Handler =>
    async (exchange) => {
      const request = readGenerateRequest(exchange, limits);
      const isStream = kind === "stream" || (kind === "compatible" && isStreamAsked(exchange));
      const refuse = ({ message, status }: TgiRefusal) =>
        isStream ? sendEvent(exchange, tgiEvent(tgiErrorBody(status, message))) : exchange.refuse(status, message);
      if ("status" in request) {
        return refuse(request);
      }
      if (isStream && request.bestOf > 1) {
        return refuse({
          status: 422,
          message: "Input validation error: `best_of` != 1 is not supported when streaming tokens",
        });
      }
      await generating(
        exchange,
        () => (isStream ? streamGenerated(exchange, request) : sendGenerated(exchange, request, kind === "compatible")),
        refuse,
      );
    };
  const openAi =
    (isChat: boolean): Handler =>
    async (exchange) => {
      const request = readOpenAiRequest(exchange, isChat, limits);
      const refuse = ({ message, status }: TgiRefusal) =>
        isStreamAsked(exchange)
          ? sendEvent(exchange, dataEvent(openAiErrorBody(status, message)))
          : exchange.refuse(status, message);
      if ("status" in request) {
        return refuse(request);
      }
      if (!request.stream) {
        const inputTokens = request.prompts.reduce((sum, tokens) => sum + tokens, 0);
        const generatedTokens = request.tokens * request.prompts.length;
        const headers = headersOf(exchange, { inputTokens, generatedTokens, characters: exchange.seen.body.length });
        exchange.response.setHeaders(new Map(Object.entries(headers)));
      }
      const failure = `${dataEvent(openAiErrorBody(424, generationFailure))}data: [DONE]\n\n`;
      await generating(exchange, () => sendReply(exchange, request, { failure, usageInLast: () => !isChat }), refuse);
    };
  return {
    "GET /": health,
    "GET /health": health,
    "GET /ping": health,
    "GET /info": ({ response, settings }) => sendJson(response, 200, infoOf(settings.model, limits)),
    "GET /metrics": ({ response }) =>
      void response
        .writeHead(200, { "content-type": "text/plain; charset=utf-8" })
        .end(
          `# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size ${state.running}\n\n# TYPE tgi_queue_size gauge\ntgi_queue_size 0\n`,
        ),
    "GET /v1/models": ({ response, settings }) =>
      sendJson(response, 200, {
        object: "list",
        data: [{ id: settings.model, object: "model", created, owned_by: fingerprint }],
      }),
    "POST /": generate("compatible"),
    "POST /generate": generate("whole"),
    "POST /generate_stream": generate("stream"),
    "POST /v1/completions": openAi(false),
    "POST /v1/chat/completions": openAi(true),
    "POST /tokenize": ({ refuse, response, seen }) => {
      const inputs = parseObject(seen.body)?.inputs;
      return typeof inputs === "string"
        ? sendJson(response, 200, tokensWithPlaces(inputs))
        : refuse(422, "Failed to deserialize the JSON body into the target type: missing field `inputs`");
    },
    "POST /chat_tokenize": ({ refuse, response, seen }) => {
      const messages = parseObject(seen.body)?.messages;
      const text = JSON.stringify(messages) ?? "";
      return Array.isArray(messages)
        ? sendJson(response, 200, { tokenize_response: tokensWithPlaces(text), templated_text: text })
        : refuse(422, "Failed to deserialize the JSON body into the target type: missing field `messages`");
    },
  };
}

/** Whatever happens to a stream, its status is 200. */
function sendEvent({ response }: Exchange, event: string): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...streamHeaders }).end(event);
}

const isStreamAsked = ({ seen }: Exchange): boolean => parseObject(seen.body)?.stream === true;

function readOpenAiRequest(exchange: Exchange, isChat: boolean, limits: TgiLimits): TextRequest | TgiRefusal {
  const body = parseObject(exchange.seen.body) ?? {};
  const prompts = isChat ? readMessages(body.messages, body.tools) : readPrompts(body.prompt);
  if (prompts.length === 0) {
    return { status: 422, message: `missing field \`${isChat ? "messages" : "prompt"}\`` };
  }
  if (prompts.length > maxClientBatchSize) {
    return {
      status: 422,
      message: `Number of prompts exceeds the maximum allowed batch size of ${maxClientBatchSize}`,
    };
  }
  if (!isChat && body.suffix !== undefined && body.suffix !== null) {
    return { status: 422, message: "Suffix is not supported and can be achieved by preprocessing the prompt." };
  }
  const limit = numberOf(isChat ? (body.max_tokens ?? body.max_completion_tokens) : body.max_tokens);
  const inputTokens = Math.max(...prompts);
  const fault = findTgiFault(limit, inputTokens, limits);
  if (fault !== undefined) {
    return { status: 422, message: `Input validation error: ${fault}` };
  }
  const { finishReason, tokens } = tgiLengthOf(exchange, { limit, inputTokens, limits });
  const { stream_options: options } = body;
  const tool: unknown = isChat && Array.isArray(body.tools) && body.tool_choice !== "none" ? body.tools[0] : undefined;
  const calls = isObject(tool) && isObject(tool.function) ? String(tool.function.name) : undefined;
  const ending = finishReason === "length" ? "length" : "stop";
  return {
    isChat,
    stream: body.stream === true,
    includeUsage: isChat && isObject(options) && options.include_usage === true,
    continuousUsage: false,
    prompts,
    n: 1,
    tokens,
    finishReason: calls === undefined ? ending : "tool_calls",
    calls,
  };
}

const infoOf = (model: string, { maxConcurrentRequests, maxInputTokens, maxTotalTokens, version }: TgiLimits) => ({
  model_id: model,
  model_sha: null,
  model_pipeline_tag: "text-generation",
  max_concurrent_requests: maxConcurrentRequests,
  max_best_of: 2,
  max_stop_sequences: 4,
  max_input_tokens: maxInputTokens,
  max_total_tokens: maxTotalTokens,
  validation_workers: 2,
  max_client_batch_size: maxClientBatchSize,
  router: "text-generation-router",
  version,
  sha: fingerprint,
  docker_label: null,
});
