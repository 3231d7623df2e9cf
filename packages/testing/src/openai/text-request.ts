import { type Exchange, ownEnd } from "../server/exchange.ts";
import { type Fields, isObject, numberOf, parseObject } from "../server/read-body.ts";
import { tokensOf } from "../server/words.ts";

/** A request for text, as far as a stand-in reads it. */
export interface TextRequest {
  isChat: boolean;
  stream: boolean;
  includeUsage: boolean;
  continuousUsage: boolean;
  /** Tokens of each prompt. */
  prompts: readonly number[];
  n: number;
  /** Tokens of each answer. */
  tokens: number;
  /** "length" where the request has set the end. */
  finishReason: "length" | "stop" | "tool_calls";
  /** The function that the answer calls, in place of words. */
  calls: string | undefined;
}

/** Why a request is refused. */
export interface Refusal {
  status: number;
  message: string;
}

/** In what servers of OpenAI's routes differ. */
export interface TextRules {
  isChat: boolean;
  /** Whether `messages` is a list of conversations. */
  isBatch?: boolean;
  /** Whether it refuses requests for another model. */
  checksModel: boolean;
  /** The limit of an answer to which the request sets none; undefined: what fits. */
  defaultTokens: number | undefined;
  /** Whether an answer without a limit ends after a few words, as one in a chat does. */
  endsByItself: boolean;
}

/** What it says when nobody limits it. */
const ownLength = 16;
const callLength = 8;

/** Reads a body the way the servers do: the same fields, defaults and refusals. */
export function readTextRequest(exchange: Exchange, rules: TextRules): TextRequest | Refusal {
  const { seen, settings } = exchange;
  if (!seen.headers["content-type"]?.startsWith("application/json")) {
    return refuse("Unsupported Media Type: Only 'application/json' is allowed");
  }
  const body = parseObject(seen.body);
  if (body === undefined) {
    return refuse("[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]");
  }
  const { model, prompt, stream, stream_options: options, n } = body;
  if (rules.checksModel && typeof model === "string" && model !== settings.model) {
    return { status: 404, message: `The model \`${model}\` does not exist.` };
  }
  if (isObject(options) && stream !== true) {
    return refuse("Stream options can only be defined when `stream=True`.");
  }
  const prompts = rules.isChat ? readConversations(body, rules) : readPrompts(prompt);
  if (prompts.length === 0) {
    return refuse(missing(rules.isChat ? "messages" : "prompt"));
  }
  const given = rules.isChat ? (body.max_completion_tokens ?? body.max_tokens) : body.max_tokens;
  const limit = numberOf(given === undefined ? rules.defaultTokens : given);
  const fault = findFault(limit, Math.max(...prompts), settings.maxModelLen);
  if (fault !== undefined) {
    return refuse(fault);
  }
  const calls = rules.isChat && rules.isBatch !== true ? readTools(body) : undefined;
  const unlimited = calls === undefined ? (rules.endsByItself ? ownLength : undefined) : callLength;
  const length = lengthOf({
    limit,
    room: settings.maxModelLen - Math.max(...prompts),
    end: ownEnd(exchange) ?? (calls === undefined && limit !== undefined ? undefined : unlimited),
    body,
  });
  const includeUsage = isObject(options) && (options.include_usage === true || options.include_usage === undefined);
  return {
    isChat: rules.isChat,
    stream: stream === true,
    includeUsage,
    continuousUsage: includeUsage && options.continuous_usage_stats === true,
    prompts,
    n: numberOf(n) ?? 1,
    ...length,
    ...(calls === undefined ? {} : { finishReason: "tool_calls" }),
    calls,
  };
}

export const missing = (field: string): string =>
  `[{'type': 'missing', 'loc': ('body', '${field}'), 'msg': 'Field required'}]`;

interface Ends {
  /** As the request says. */
  limit: number | undefined;
  /** As the context says. */
  room: number;
  /** As the model would. */
  end: number | undefined;
  body: Fields;
}

/** Where an answer ends, and why there. */
export function lengthOf({ body, end, limit, room }: Ends): Pick<TextRequest, "tokens" | "finishReason"> {
  const most = limit ?? room;
  const wanted = body.ignore_eos === true ? most : Math.max(end ?? most, numberOf(body.min_tokens) ?? 0);
  return wanted < most ? { tokens: wanted, finishReason: "stop" } : { tokens: most, finishReason: "length" };
}

/** The prompts of any body that `/tokenize` takes, as their tokens. */
export function readTokenizeRequest(bytes: Buffer): number | undefined {
  const body = parseObject(bytes);
  return body && [...readPrompts(body.prompt), ...readMessages(body.messages, body.tools)][0];
}

export function readPrompts(prompt: unknown): number[] {
  if (typeof prompt === "string") {
    return [tokensOf(prompt)];
  }
  if (!Array.isArray(prompt)) {
    return [];
  }
  return prompt.every((item) => typeof item === "number")
    ? [prompt.length]
    : prompt.map((item: unknown) => (Array.isArray(item) ? item.length : tokensOf(String(item))));
}

export const readMessages = (messages: unknown, tools?: unknown): number[] =>
  Array.isArray(messages)
    ? [tokensOf(JSON.stringify(messages)) + (Array.isArray(tools) ? tokensOf(JSON.stringify(tools)) : 0)]
    : [];

const readConversations = ({ messages, tools }: Fields, { isBatch = false }: TextRules): number[] =>
  isBatch && Array.isArray(messages)
    ? messages.flatMap((conversation: unknown) => readMessages(conversation))
    : readMessages(messages, tools);

/** The name of the first function, unless none may be called. */
function readTools({ tools, tool_choice: choice }: Fields): string | undefined {
  const first: unknown = Array.isArray(tools) && choice !== "none" ? tools[0] : undefined;
  return isObject(first) && isObject(first.function) ? String(first.function.name) : undefined;
}

function findFault(tokens: number | undefined, prompt: number, maxModelLen: number): string | undefined {
  if (tokens !== undefined && tokens < 1) {
    return `max_tokens must be at least 1, got ${tokens}.`;
  }
  if (prompt + (tokens ?? 1) <= maxModelLen) {
    return undefined;
  }
  return (
    `'max_tokens' or 'max_completion_tokens' is too large: ${tokens ?? 1}. This model's maximum context length is ` +
    `${maxModelLen} tokens and your request has ${prompt} input tokens (${tokens ?? 1} > ${maxModelLen} - ${prompt}).`
  );
}

const refuse = (message: string): Refusal => ({ status: 400, message });
