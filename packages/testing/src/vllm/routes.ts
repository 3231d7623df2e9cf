import { generateAudio, speech, speechBatch, transcribe } from "../openai/audio.ts";
import { jsonHandler } from "../openai/json-handler.ts";
import { messagesRoutes } from "../openai/messages.ts";
import { editImages, generateImages, makeVideo } from "../openai/pictures.ts";
import { embeddings, rerank, score } from "../openai/pooling.ts";
import { responsesRoutes } from "../openai/responses.ts";
import { textHandler } from "../openai/text-reply.ts";
import { missing, readTokenizeRequest, type TextRules } from "../openai/text-request.ts";
import type { Exchange, Handler, Routes } from "../server/exchange.ts";
import { sendJson } from "../server/send-json.ts";
import { created, fingerprint } from "../server/words.ts";
import { streamFailure } from "./error-body.ts";

/** vLLM's default for completions. */
const completionDefault = 16;
const completionRules: TextRules = {
  isChat: false,
  checksModel: true,
  defaultTokens: completionDefault,
  endsByItself: true,
};
const chatRules: TextRules = { isChat: true, checksModel: true, defaultTokens: undefined, endsByItself: true };
const style = { failure: streamFailure };
const replyToBatch = textHandler({ ...chatRules, isBatch: true }, style);

/** All routes that vLLM has, whatever a real one's model would serve of them. */
export function vllmRoutes(): Routes {
  return {
    "GET /health": ({ response }) => void response.writeHead(200).end(),
    "GET /ping": ({ response }) => void response.writeHead(200).end(),
    "GET /version": ({ response }) => sendJson(response, 200, { version: "0.0.0+stand-in" }),
    "GET /v1/models": models,
    "POST /tokenize": tokenize,
    "POST /v1/completions": textHandler(completionRules, style),
    "POST /v1/chat/completions": textHandler(chatRules, style),
    "POST /v1/chat/completions/batch": chatBatch,
    "POST /v1/embeddings": embeddings,
    "POST /v1/rerank": rerank,
    "POST /v1/score": score,
    ...responsesRoutes(streamFailure),
    ...messagesRoutes,
    "POST /v1/audio/speech": speech,
    "POST /v1/audio/speech/batch": speechBatch,
    "POST /v1/audio/generate": generateAudio,
    "POST /v1/audio/transcriptions": transcribe(streamFailure),
    "POST /v1/audio/translations": transcribe(streamFailure),
    "POST /v1/images/generations": generateImages,
    "POST /v1/images/edits": editImages,
    "POST /v1/videos/sync": makeVideo,
  };
}

/** `GET /v1/models`, of vLLM and of SGLang. */
export function models({ response, settings: { maxModelLen, model } }: Exchange): void {
  const card = {
    id: model,
    object: "model",
    created,
    owned_by: fingerprint,
    root: model,
    parent: null,
    max_model_len: maxModelLen,
  };
  sendJson(response, 200, { object: "list", data: [card] });
}

function tokenize({ refuse, response, seen, settings }: Exchange): void {
  const count = readTokenizeRequest(seen.body);
  if (count === undefined) {
    refuse(400, missing("prompt"));
    return;
  }
  const tokens = Array.from({ length: count }, (_, index) => index);
  sendJson(response, 200, { count, max_model_len: settings.maxModelLen, tokens, token_strs: null });
}

/** Several conversations, one choice each; never a stream. */
const chatBatch: Handler = jsonHandler([["messages"]], async (exchange, { messages, n, stream, tools }) => {
  if (stream === true || tools !== undefined || (n !== undefined && n !== 1)) {
    exchange.refuse(400, "Batch chat completions support neither streams nor tools, and n=1 only.");
    return;
  }
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(Array.isArray)) {
    exchange.refuse(
      400,
      "[{'type': 'list_type', 'loc': ('body', 'messages', 0), 'msg': 'Input should be a valid list'}]",
    );
    return;
  }
  await replyToBatch(exchange);
});
