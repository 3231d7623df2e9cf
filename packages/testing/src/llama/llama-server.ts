import { STATUS_CODES } from "node:http";
import { jsonHandler } from "../openai/json-handler.ts";
import { embeddings, rankingOf } from "../openai/pooling.ts";
import { textHandler } from "../openai/text-reply.ts";
import type { TextRequest } from "../openai/text-request.ts";
import type { Exchange, ModelSettings, Routes } from "../server/exchange.ts";
import { type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { dataEvent, sendWhole } from "../server/send-answer.ts";
import { sendJson } from "../server/send-json.ts";
import { created, tokensOf } from "../server/words.ts";
import { llamaLogLines } from "./log-lines.ts";

const types: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  500: "server_error",
  501: "not_supported_error",
  503: "unavailable_error",
};

/** An error's body, in llama.cpp's shape. */
const llamaErrorBody = (status: number, message: string) => ({
  error: { code: status, message, type: types[status] ?? STATUS_CODES[status] ?? "error" },
});

const open = ["/health", "/v1/health", "/models", "/v1/models"];

/** Starts a model server that answers like llama.cpp's: it listens while it loads, and says so. */
export const startLlamaServer = (options: ModelServerOptions = {}): Promise<ModelServer> =>
  startModelServer(
    (settings) => ({
      routes: routesOf(settings),
      errorBody: llamaErrorBody,
      guards: ({ path }) => !open.includes(path),
      unauthorized: (response) => sendJson(response, 401, llamaErrorBody(401, "Invalid API Key")),
      starting: (port) => llamaLogLines.starting(port, settings.model),
      loading: () => llamaLogLines.loading(settings.maxModelLen),
      ready: llamaLogLines.ready,
      whileLoading: ({ refuse }) => refuse(503, "Loading model"),
      access: ({ method, path }, status) => llamaLogLines.request({ method, path, status }),
    }),
    options,
  );

const healthy = ({ response }: Exchange): void => sendJson(response, 200, { status: "ok" });

function routesOf({ maxModelLen, model, msPerToken }: ModelSettings): Routes {
  const style = {
    failure: dataEvent(llamaErrorBody(500, "Compute error.")),
    extras: (request: TextRequest) => ({ timings: timingsOf(request, msPerToken) }),
  };
  const meta = { vocab_type: 2, n_vocab: 128_256, n_ctx: maxModelLen, n_ctx_train: 4 * maxModelLen, n_embd: 8 };
  const rules = { checksModel: false, defaultTokens: undefined };
  return {
    "GET /health": healthy,
    "GET /v1/health": healthy,
    "GET /v1/models": ({ response }) =>
      sendJson(response, 200, {
        object: "list",
        data: [{ id: model, object: "model", created, owned_by: "llamacpp", meta }],
      }),
    "GET /props": ({ response }) =>
      sendJson(response, 200, {
        default_generation_settings: { id: 0, n_ctx: maxModelLen, params: { n_predict: -1 } },
        total_slots: 1,
        model_path: model,
        build_info: "stand-in",
      }),
    "POST /tokenize": jsonHandler([["content"]], ({ response }, { content }) => {
      const tokens = Array.from({ length: tokensOf(String(content)) }, (_, index) => index);
      sendJson(response, 200, { tokens });
    }),
    // Without a limit, a completion goes on until the model ends it or the context is full.
    "POST /v1/completions": textHandler({ ...rules, isChat: false, endsByItself: false }, style),
    "POST /v1/chat/completions": textHandler({ ...rules, isChat: true, endsByItself: true }, style),
    "POST /v1/embeddings": embeddings,
    "POST /v1/rerank": jsonHandler([["query"], ["documents"]], (exchange, body) => {
      const { results, tokens } = rankingOf(body);
      const scores = results.map(({ index, relevance_score }) => ({ index, relevance_score }));
      const usage = { prompt_tokens: tokens, total_tokens: tokens };
      return sendWhole(exchange, { body: { model, object: "list", usage, results: scores } });
    }),
  };
}

function timingsOf({ prompts, tokens }: TextRequest, msPerToken: number): object {
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt, 0);
  return {
    prompt_n: promptTokens,
    prompt_ms: 0,
    predicted_n: tokens,
    predicted_ms: tokens * msPerToken,
    predicted_per_token_ms: msPerToken,
  };
}
