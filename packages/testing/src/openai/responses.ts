import { createHash } from "node:crypto";
import { type Exchange, ownEnd, type Routes } from "../server/exchange.ts";
import { type Fields, numberOf } from "../server/read-body.ts";
import { type Chunk, namedEvent, sendStream, sendWhole } from "../server/send-answer.ts";
import { sendJson } from "../server/send-json.ts";
import { created, piecesOf, textOf, tokensOf } from "../server/words.ts";
import { jsonHandler } from "./json-handler.ts";
import { lengthOf } from "./text-request.ts";

const ownLength = 16;

/** The routes of responses, which it remembers. */
export function responsesRoutes(failure: string): Routes {
  const remembered = new Map<string, object>();
  const find = ({ refuse, response, seen }: Exchange, change: (found: object) => object) => {
    const id = seen.path.split("?")[0]?.split("/")[3] ?? "";
    const found = remembered.get(id);
    if (found === undefined) {
      refuse(404, `Response with id '${id}' not found.`);
    } else {
      sendJson(response, 200, change(found));
    }
  };
  return {
    "POST /v1/responses": jsonHandler([["input"]], async (exchange, body) => {
      // The same request gets the same bytes, its id among them.
      const id = `resp_${createHash("sha256").update(exchange.seen.body).digest("hex").slice(0, 16)}`;
      const reply = replyOf(exchange, body, id);
      if (body.store !== false) {
        remembered.set(id, reply.completed);
      }
      if (body.stream === true) {
        await sendStream(exchange, streamOf(exchange, reply, failure));
      } else {
        await sendWhole(exchange, { body: reply.completed, tokens: reply.tokens });
      }
    }),
    "GET /v1/responses/{id}": (exchange) => find(exchange, (found) => found),
    "POST /v1/responses/{id}/cancel": (exchange) => find(exchange, (found) => ({ ...found, status: "cancelled" })),
  };
}

interface Reply {
  tokens: number;
  text: string;
  started: object;
  completed: object;
}

function replyOf(exchange: Exchange, body: Fields, id: string): Reply {
  const { cachedTokens = 0, maxModelLen, model } = exchange.settings;
  const prompt = tokensOf(typeof body.input === "string" ? body.input : JSON.stringify(body.input));
  const instructions = typeof body.instructions === "string" ? tokensOf(body.instructions) : 0;
  const limit = numberOf(body.max_output_tokens);
  const { finishReason, tokens } = lengthOf({
    limit,
    room: maxModelLen - prompt - instructions,
    end: ownEnd(exchange) ?? (limit === undefined ? ownLength : undefined),
    body,
  });
  const text = textOf(tokens);
  const started = {
    id,
    object: "response",
    created_at: created,
    model,
    status: "in_progress",
    output: [],
    previous_response_id: body.previous_response_id ?? null,
    incomplete_details: null,
    usage: null,
  };
  const isShort = finishReason === "length";
  return {
    tokens,
    text,
    started,
    completed: {
      ...started,
      status: isShort ? "incomplete" : "completed",
      incomplete_details: isShort ? { reason: "max_output_tokens" } : null,
      output: [itemOf("completed", [partOf(text)])],
      usage: {
        input_tokens: prompt + instructions,
        input_tokens_details: { cached_tokens: cachedTokens },
        output_tokens: tokens,
        output_tokens_details: { reasoning_tokens: 0, tool_output_tokens: 0 },
        total_tokens: prompt + instructions + tokens,
      },
    },
  };
}

const itemOf = (status: string, content: object[]) => ({
  id: "msg_stand-in",
  type: "message",
  role: "assistant",
  status,
  content,
});

const partOf = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: null });

function streamOf(exchange: Exchange, { completed, started, text, tokens }: Reply, failure: string) {
  let sequence = 0;
  const eventOf = (type: string, fields: object): string => {
    const event = namedEvent({ type, ...fields, sequence_number: sequence });
    sequence += 1;
    return event;
  };
  const place = { item_id: "msg_stand-in", output_index: 0, content_index: 0 };
  const head = [
    eventOf("response.created", { response: started }),
    eventOf("response.in_progress", { response: started }),
    eventOf("response.output_item.added", { output_index: 0, item: itemOf("in_progress", []) }),
    eventOf("response.content_part.added", { ...place, part: partOf("") }),
  ];
  const chunks: Chunk[] = piecesOf(tokens, exchange.settings.tokensPerChunk).map((piece) => ({
    text: eventOf("response.output_text.delta", { ...place, delta: piece.text, logprobs: [] }),
    tokens: piece.tokens,
  }));
  const tail = [
    eventOf("response.output_text.done", { ...place, text, logprobs: [] }),
    eventOf("response.content_part.done", { ...place, part: partOf(text) }),
    eventOf("response.output_item.done", { output_index: 0, item: itemOf("completed", [partOf(text)]) }),
    eventOf("response.completed", { response: completed }),
  ];
  return { head, chunks, tail, failure };
}
