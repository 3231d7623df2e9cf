import type { Exchange } from "../server/exchange.ts";
import type { ChunkFate } from "../server/faults.ts";
import { sendStream, sendWhole } from "../server/send-answer.ts";
import { piecesOf, textOf, tokensOf } from "../server/words.ts";
import { generationFailure, tgiErrorBody, tgiEvent } from "./error-body.ts";
import type { GenerateRequest } from "./generate-request.ts";

const seed = 42;

/** Answers `/generate`: an object, or a list of one where the compatible route asks. */
export async function sendGenerated(exchange: Exchange, request: GenerateRequest, asList: boolean): Promise<ChunkFate> {
  const { inputTokens, tokens } = request;
  const generated = generatedOf(request);
  await sendWhole(exchange, {
    body: asList ? [generated] : generated,
    // Of several answers only the best counts here, however many tokens the others took.
    headers: headersOf(exchange, { inputTokens, generatedTokens: tokens, characters: request.inputs.length }),
    tokens,
  });
  return "send";
}

function generatedOf(request: GenerateRequest): object {
  const { bestOf, finishReason, hasDetails, inputs, returnsFullText, tokens } = request;
  const generatedText = `${returnsFullText ? inputs : ""}${textOf(tokens)}`;
  const sequence = {
    finish_reason: finishReason,
    generated_tokens: tokens,
    seed,
    prefill: [],
    tokens: piecesOf(tokens, 1).map(({ text, until }) => tokenOf(text, until)),
  };
  const others = Array.from({ length: bestOf - 1 }, () => ({ generated_text: generatedText, ...sequence }));
  const details = { ...sequence, ...(bestOf > 1 ? { best_of_sequences: others } : {}) };
  return { generated_text: generatedText, ...(hasDetails ? { details } : {}) };
}

const tokenOf = (text: string, id: number) => ({ id, text, logprob: -0.1, special: false });

/** Answers `/generate_stream`: one event for each token, and nothing after the last. */
export function streamGenerated(exchange: Exchange, request: GenerateRequest): Promise<ChunkFate> {
  const { finishReason, hasDetails, inputs, inputTokens, returnsFullText, tokens } = request;
  const details = {
    finish_reason: finishReason,
    generated_tokens: tokens,
    seed,
    input_length: inputTokens,
  };
  const chunks = piecesOf(tokens, 1).map(({ text, until }) => ({
    text: tgiEvent({
      index: until,
      token: tokenOf(text, until),
      generated_text: until === tokens ? `${returnsFullText ? inputs : ""}${textOf(tokens)}` : null,
      details: until === tokens && hasDetails ? details : null,
    }),
    tokens: 1,
  }));
  const failure = tgiEvent(tgiErrorBody(424, generationFailure));
  return sendStream(exchange, { chunks, failure, headers: streamHeaders });
}

export const streamHeaders = { "x-compute-type": "stand-in", "x-accel-buffering": "no" };

interface Measures {
  inputTokens: number;
  generatedTokens: number;
  characters: number;
}

/** What TGI tells of every answer that isn't a stream. */
export function headersOf(
  { settings: { msPerToken } }: Exchange,
  { characters, generatedTokens, inputTokens }: Measures,
): Record<string, string> {
  const milliseconds = String(Math.round(msPerToken * generatedTokens));
  return {
    "x-compute-type": "stand-in",
    "x-compute-time": String((msPerToken * generatedTokens) / 1000),
    "x-compute-characters": String(characters),
    "x-total-time": milliseconds,
    "x-validation-time": "0",
    "x-queue-time": "0",
    "x-inference-time": milliseconds,
    "x-time-per-token": String(Math.round(msPerToken)),
    "x-prompt-tokens": String(inputTokens),
    "x-generated-tokens": String(generatedTokens),
  };
}

/** `POST /tokenize`: tokens with their places. */
export const tokensWithPlaces = (text: string): object[] =>
  Array.from({ length: tokensOf(text) }, (_, id) => {
    const [start, stop] = [4 * id, Math.min(4 * id + 4, text.length)];
    return { id, text: text.slice(start, stop), start, stop };
  });
