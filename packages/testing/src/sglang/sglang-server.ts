import { jsonHandler } from "../openai/json-handler.ts";
import { embeddings, rankingOf, scoreOf } from "../openai/pooling.ts";
import { textHandler } from "../openai/text-reply.ts";
import type { Exchange, Routes } from "../server/exchange.ts";
import { type ModelServer, type ModelServerOptions, startModelServer } from "../server/model-server.ts";
import { sendWhole } from "../server/send-answer.ts";
import { sendJson } from "../server/send-json.ts";
import { models } from "../vllm/routes.ts";
import { sglangErrorBody, sglangStreamFailure } from "./error-body.ts";
import { sglangLogLines } from "./log-lines.ts";

/** SGLang's default for completions. */
const completionDefault = 16;
const style = { failure: sglangStreamFailure };
const open = ["/health", "/health_generate"];

/** Starts a model server that answers like SGLang. */
export const startSglangServer = (options: ModelServerOptions = {}): Promise<ModelServer> =>
  startModelServer(
    ({ maxModelLen, model }) => ({
      routes,
      errorBody: sglangErrorBody,
      guards: ({ path }) => !open.includes(path),
      unauthorized: (response) => sendJson(response, 401, { error: "Unauthorized" }),
      starting: () => sglangLogLines.starting(model),
      loading: () => sglangLogLines.loading(maxModelLen),
      ready: sglangLogLines.ready,
      access: (_request, status) => (status >= 500 ? sglangLogLines.requestFailure() : []),
    }),
    options,
  );

const healthy = ({ response }: Exchange): void => void response.writeHead(200).end();

/** It answers to any model's name. */
const rules = { checksModel: false, endsByItself: true };

const routes: Routes = {
  "GET /health": healthy,
  "GET /health_generate": healthy,
  "GET /get_model_info": ({ response, settings: { model } }) =>
    sendJson(response, 200, { model_path: model, tokenizer_path: model, is_generation: true }),
  "GET /v1/models": models,
  "POST /v1/completions": textHandler({ ...rules, isChat: false, defaultTokens: completionDefault }, style),
  "POST /v1/chat/completions": textHandler({ ...rules, isChat: true, defaultTokens: undefined }, style),
  "POST /v1/embeddings": embeddings,
  /** A bare list. */
  "POST /v1/rerank": jsonHandler([["query"], ["documents"]], (exchange, body) =>
    sendWhole(exchange, {
      body: rankingOf(body).results.map(({ document, index, relevance_score: score }) => ({
        score,
        document: "text" in document ? document.text : document,
        index,
        meta_info: {},
      })),
    }),
  ),
  /** How likely each label is to follow the query with each item: not what vLLM's route of this name does. */
  "POST /v1/score": jsonHandler([["query"], ["items"], ["label_token_ids"]], (exchange, body) => {
    const items: unknown[] = Array.isArray(body.items) ? body.items : [body.items];
    const labels: unknown[] = Array.isArray(body.label_token_ids) ? body.label_token_ids : [];
    const scores = items.map(() => labels.map((_, index) => scoreOf(index) / 2));
    return sendWhole(exchange, { body: { scores, model: exchange.settings.model, usage: null, object: "scoring" } });
  }),
};
