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
  finishReason: "length" | "stop";
}

/** Why a request is refused. */
export interface Refusal {
  status: number;
  message: string;
}

interface Limits {
  isChat: boolean;
  model: string;
  maxModelLen: number;
}

/** What it says when nobody limits it. */
const ownLength = 16;
/** vLLM's default for completions. */
const completionDefault = 16;

/** Reads a body the way vLLM does: the same fields, defaults and refusals. */
export function readTextRequest(bytes: Buffer, limits: Limits): TextRequest | Refusal {
  const body = parseObject(bytes);
  if (body === undefined) {
    return refuse("[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]");
  }
  const { model, prompt, messages, stream, stream_options: options, n } = body;
  if (typeof model === "string" && model !== limits.model) {
    return { status: 404, message: `The model \`${model}\` does not exist.` };
  }
  if (isObject(options) && stream !== true) {
    return refuse("Stream options can only be defined when `stream=True`.");
  }
  const prompts = limits.isChat ? readMessages(messages) : readPrompts(prompt);
  if (prompts.length === 0) {
    const field = limits.isChat ? "messages" : "prompt";
    return refuse(`[{'type': 'missing', 'loc': ('body', '${field}'), 'msg': 'Field required'}]`);
  }
  const limit = limits.isChat ? (body.max_completion_tokens ?? body.max_tokens) : body.max_tokens;
  const tokens = readTokens(limit === undefined && !limits.isChat ? completionDefault : limit);
  const fault = findFault(tokens, Math.max(...prompts), limits);
  if (fault !== undefined) {
    return refuse(fault);
  }
  const includeUsage = isObject(options) && (options.include_usage === true || options.include_usage === undefined);
  return {
    isChat: limits.isChat,
    stream: stream === true,
    includeUsage,
    continuousUsage: includeUsage && options.continuous_usage_stats === true,
    prompts,
    n: typeof n === "number" ? n : 1,
    tokens: tokens ?? ownLength,
    finishReason: tokens === undefined ? "stop" : "length",
  };
}

/** The prompts of any body that `/tokenize` takes, as their tokens. */
export function readTokenizeRequest(bytes: Buffer): number | undefined {
  const body = parseObject(bytes);
  return body && [...readPrompts(body.prompt), ...readMessages(body.messages)][0];
}

/** A token is four characters. */
const tokensOf = (text: string): number => Math.ceil(text.length / 4);

function readPrompts(prompt: unknown): number[] {
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

const readMessages = (messages: unknown): number[] =>
  Array.isArray(messages) ? [tokensOf(JSON.stringify(messages))] : [];

const readTokens = (limit: unknown): number | undefined => (typeof limit === "number" ? limit : undefined);

function findFault(tokens: number | undefined, prompt: number, { maxModelLen }: Limits): string | undefined {
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

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
