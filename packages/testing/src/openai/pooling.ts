import { type Fields, isObject } from "../server/read-body.ts";
import { sendWhole } from "../server/send-answer.ts";
import { created, tokensOf } from "../server/words.ts";
import { jsonHandler } from "./json-handler.ts";
import { readMessages, readPrompts } from "./text-request.ts";

const dimensions = 8;

/** `POST /v1/embeddings`: vectors, or their bytes in base64. */
export const embeddings = jsonHandler([["input", "messages"]], async (exchange, body) => {
  const inputs = [...readPrompts(body.input), ...readMessages(body.messages)];
  const size = typeof body.dimensions === "number" ? body.dimensions : dimensions;
  const data = inputs.map((tokens, index) => ({
    index,
    object: "embedding",
    embedding: encode(vectorOf(tokens, size), body.encoding_format),
  }));
  const answer = {
    id: "embd-stand-in",
    object: "list",
    created,
    model: exchange.settings.model,
    data,
    usage: usageOf(inputs),
  };
  await sendWhole(exchange, { body: answer });
});

/** `POST /v1/rerank`: documents by their scores, best first. */
export const rerank = jsonHandler([["query"], ["documents"]], async (exchange, body) => {
  const { results, tokens } = rankingOf(body);
  const { model } = exchange.settings;
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  await sendWhole(exchange, { body: { id: "rerank-stand-in", model, usage, results } });
});

/** The documents of a request with scores, best first, and what they and the query have cost. */
export function rankingOf(body: Fields): { results: Ranked[]; tokens: number } {
  const documents = Array.isArray(body.documents) ? body.documents : [body.documents];
  const results = documents.map((document: unknown, index) => ({
    index,
    document: isObject(document) ? document : { text: String(document), multi_modal: null },
    relevance_score: scoreOf(index),
  }));
  const top = typeof body.top_n === "number" && body.top_n > 0 ? body.top_n : results.length;
  const query = tokensOf(textOf(body.query));
  return {
    results: results.slice(0, top),
    tokens: documents.reduce((sum: number, document: unknown) => sum + query + tokensOf(textOf(document)), 0),
  };
}

export interface Ranked {
  index: number;
  document: object;
  relevance_score: number;
}

/** `POST /v1/score`: one score for each pair, of one with each of N, or of the N with the N. */
export const score = jsonHandler(
  [
    ["queries", "text_1", "data_1"],
    ["documents", "items", "text_2", "data_2"],
  ],
  async (exchange, body) => {
    const left = listOf(body.queries ?? body.text_1 ?? body.data_1);
    const right = listOf(body.documents ?? body.items ?? body.text_2 ?? body.data_2);
    if (left.length !== 1 && left.length !== right.length) {
      exchange.refuse(400, "Input lengths must be either 1:1, 1:N or N:N");
      return;
    }
    const tokens = right.map((item, index) => tokensOf(textOf(left[index] ?? left[0])) + tokensOf(textOf(item)));
    await sendWhole(exchange, {
      body: {
        id: "score-stand-in",
        object: "list",
        created,
        model: exchange.settings.model,
        data: right.map((_, index) => ({ index, object: "score", score: scoreOf(index) })),
        usage: usageOf(tokens),
      },
    });
  },
);

export const scoreOf = (index: number): number => 1 / (index + 1);

function usageOf(prompts: readonly number[]): object {
  const tokens = prompts.reduce((sum, prompt) => sum + prompt, 0);
  return { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, prompt_tokens_details: null };
}

/** Different for inputs of different length, and of length one. */
const vectorOf = (tokens: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => (index === tokens % size ? 1 : 0));

const encode = (vector: number[], format: unknown): number[] | string =>
  format === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector;

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
