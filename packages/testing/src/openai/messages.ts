import { type Exchange, ownEnd, type Routes } from "../server/exchange.ts";
import { type Fields, isObject } from "../server/read-body.ts";
import { namedEvent, sendStream, sendWhole } from "../server/send-answer.ts";
import { piecesOf, textOf, tokensOf } from "../server/words.ts";
import { jsonHandler } from "./json-handler.ts";
import { lengthOf } from "./text-request.ts";

/** Anthropic's routes, as vLLM has them. */
export const messagesRoutes: Routes = {
  "POST /v1/messages": jsonHandler([["messages"], ["max_tokens"]], async (exchange, body) => {
    if (typeof body.max_tokens !== "number" || body.max_tokens < 1) {
      exchange.refuse(400, "max_tokens must be positive");
      return;
    }
    const reply = replyOf(exchange, body, body.max_tokens);
    if (body.stream === true) {
      await sendStream(exchange, streamOf(reply));
    } else {
      await sendWhole(exchange, { body: reply.message, tokens: reply.tokens });
    }
  }),
  "POST /v1/messages/count_tokens": jsonHandler([["messages"]], (exchange, body) =>
    sendWhole(exchange, { body: { input_tokens: countInput(body) } }),
  ),
};

interface Reply {
  tokens: number;
  /** What a stream begins with. */
  started: object;
  message: object;
  stopReason: string;
  content: Content;
}

interface Content {
  block: object;
  /** The block before anything is in it. */
  empty: object;
  deltas: { delta: object; tokens: number }[];
}

function replyOf(exchange: Exchange, body: Fields, limit: number): Reply {
  const { cachedTokens, maxModelLen, model } = exchange.settings;
  const prompt = countInput(body);
  const ending = lengthOf({ limit, room: maxModelLen - prompt, end: ownEnd(exchange), body });
  const tool = Array.isArray(body.tools) && !isNone(body.tool_choice) ? String(Object(body.tools[0]).name) : undefined;
  const tokens = tool === undefined ? ending.tokens : Math.min(ending.tokens, 8);
  const usage = {
    input_tokens: prompt,
    output_tokens: 0,
    ...(cachedTokens === undefined ? {} : { cache_read_input_tokens: cachedTokens }),
  };
  const content = tool === undefined ? textContent(exchange, tokens) : toolContent(tool, tokens);
  const started = { id: "msg_stand-in", type: "message", role: "assistant", content: [], model };
  const stopReason = tool !== undefined ? "tool_use" : ending.finishReason === "length" ? "max_tokens" : "end_turn";
  return {
    tokens,
    content,
    started: { ...started, stop_reason: null, stop_sequence: null, usage },
    message: {
      ...started,
      content: [content.block],
      stop_reason: stopReason,
      stop_sequence: null,
      usage: { ...usage, output_tokens: tokens },
    },
    stopReason,
  };
}

const isNone = (choice: unknown): boolean => isObject(choice) && choice.type === "none";

const textContent = ({ settings }: Exchange, tokens: number): Content => ({
  block: { type: "text", text: textOf(tokens) },
  empty: { type: "text", text: "" },
  deltas: piecesOf(tokens, settings.tokensPerChunk).map((piece) => ({
    delta: { type: "text_delta", text: piece.text },
    tokens: piece.tokens,
  })),
});

const toolContent = (name: string, tokens: number): Content => ({
  block: { type: "tool_use", id: "toolu_stand-in", name, input: {} },
  empty: { type: "tool_use", id: "toolu_stand-in", name, input: {} },
  deltas: [{ delta: { type: "input_json_delta", partial_json: "{}" }, tokens }],
});

function streamOf({ content, started, stopReason, tokens }: Reply) {
  const eventOf = (type: string, fields: object = {}): string => namedEvent({ type, ...fields });
  const usage = { ...countedOf(started), output_tokens: tokens };
  return {
    head: [
      eventOf("message_start", { message: started }),
      eventOf("content_block_start", { index: 0, content_block: content.empty }),
    ],
    chunks: content.deltas.map(({ delta, tokens: step }) => ({
      text: eventOf("content_block_delta", { index: 0, delta }),
      tokens: step,
    })),
    tail: [
      eventOf("content_block_stop", { index: 0 }),
      eventOf("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage }),
      eventOf("message_stop"),
    ],
    failure: namedEvent({ type: "error", ...errorOf("EngineCore encountered an issue.") }),
  };
}

const errorOf = (message: string): object => ({ error: { type: "internal_error", message } });

const countedOf = (started: object): object => ("usage" in started ? Object(started.usage) : {});

const countInput = ({ messages, system, tools }: Fields): number =>
  [messages, system, tools]
    .filter((part) => part !== undefined && part !== null)
    .reduce((sum: number, part) => sum + tokensOf(typeof part === "string" ? part : JSON.stringify(part)), 0);
