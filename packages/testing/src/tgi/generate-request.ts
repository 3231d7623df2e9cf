import { type Exchange, ownEnd } from "../server/exchange.ts";
import { isObject, numberOf, parseObject } from "../server/read-body.ts";
import { tokensOf } from "../server/words.ts";

export interface TgiLimits {
  version: string;
  maxInputTokens: number;
  maxTotalTokens: number;
  maxConcurrentRequests: number;
}

/** A request of `/generate`, as far as a stand-in reads it. */
export interface GenerateRequest {
  inputs: string;
  inputTokens: number;
  tokens: number;
  finishReason: "length" | "eos_token";
  hasDetails: boolean;
  returnsFullText: boolean;
  bestOf: number;
}

/** Why it is refused: `error` and `error_type` of the answer. */
export interface TgiRefusal {
  status: number;
  message: string;
}

/** Without a limit, it says this much. */
const ownLength = 16;
/** TGI's limit where the request has none, up to 2.4.1. */
const oldDefault = 100;
const maxBestOf = 2;
const maxStopSequences = 4;

export function readGenerateRequest(exchange: Exchange, limits: TgiLimits): GenerateRequest | TgiRefusal {
  const body = parseObject(exchange.seen.body);
  if (body === undefined) {
    return refuse("Failed to parse the request body as JSON");
  }
  const { inputs, parameters = {} } = body;
  if (typeof inputs !== "string") {
    return refuse("Failed to deserialize the JSON body into the target type: missing field `inputs`");
  }
  if (inputs === "") {
    return refuse("Input validation error: `inputs` cannot be empty");
  }
  const fields = isObject(parameters) ? parameters : {};
  const inputTokens = tokensOf(inputs);
  const bestOf = numberOf(fields.best_of) ?? 1;
  const stop = Array.isArray(fields.stop) ? fields.stop.length : 0;
  const fault =
    findTgiFault(numberOf(fields.max_new_tokens), inputTokens, limits) ??
    (bestOf > maxBestOf ? `\`best_of\` must be > 0 and <= ${maxBestOf}. Given: ${bestOf}` : undefined) ??
    (stop > maxStopSequences
      ? `\`stop\` supports up to ${maxStopSequences} stop sequences. Given: ${stop}`
      : undefined);
  if (fault !== undefined) {
    return refuse(`Input validation error: ${fault}`);
  }
  return {
    inputs,
    inputTokens,
    ...tgiLengthOf(exchange, { limit: numberOf(fields.max_new_tokens), inputTokens, limits }),
    hasDetails: fields.details === true,
    returnsFullText: fields.return_full_text === true,
    bestOf,
  };
}

/** TGI's complaint about a request's lengths, if it has one. */
export function findTgiFault(
  limit: number | undefined,
  inputTokens: number,
  { maxInputTokens, maxTotalTokens }: TgiLimits,
): string | undefined {
  if (limit !== undefined && limit <= 0) {
    return "`max_new_tokens` must be strictly positive";
  }
  if (inputTokens > maxInputTokens) {
    return `\`inputs\` must have less than ${maxInputTokens} tokens. Given: ${inputTokens}`;
  }
  if (inputTokens + (limit ?? 0) > maxTotalTokens) {
    return (
      `\`inputs\` tokens + \`max_new_tokens\` must be <= ${maxTotalTokens}. ` +
      `Given: ${inputTokens} \`inputs\` tokens and ${limit} \`max_new_tokens\``
    );
  }
  return undefined;
}

interface Lengths {
  limit: number | undefined;
  inputTokens: number;
  limits: TgiLimits;
}

/** Where an answer ends: at its limit, or where the model does. */
export function tgiLengthOf(
  exchange: Exchange,
  { inputTokens, limit, limits: { maxTotalTokens, version } }: Lengths,
): Pick<GenerateRequest, "tokens" | "finishReason"> {
  const room = maxTotalTokens - inputTokens;
  const given = limit ?? (hasOldDefault(version) ? Math.min(oldDefault, room) : undefined);
  const most = given ?? room;
  const end = ownEnd(exchange) ?? (given === undefined ? ownLength : most);
  return end < most ? { tokens: end, finishReason: "eos_token" } : { tokens: most, finishReason: "length" };
}

const hasOldDefault = (version: string): boolean => Number(version.split(".")[0]) < 3;

const refuse = (message: string): TgiRefusal => ({ status: 422, message });
