import { z } from "zod";

/** What an answer has cost, as far as the engine says. */
export interface Usage {
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  /** Prompt tokens that the engine had cached; they are among `promptTokens`. */
  cachedTokens: number | undefined;
}

const tokens = z.number().nonnegative().nullish();
const details = z.object({ cached_tokens: tokens }).nullish();

/** `usage` of completions and chats, of responses, of messages, and of what has no output. */
const usageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: details,
    input_tokens: tokens,
    output_tokens: tokens,
    input_tokens_details: details,
    cache_read_input_tokens: tokens,
    total_tokens: tokens,
  })
  .transform((usage): Usage => {
    const promptTokens = usage.prompt_tokens ?? usage.input_tokens ?? undefined;
    const completionTokens = usage.completion_tokens ?? usage.output_tokens ?? undefined;
    // A reranker may tell no more than the sum, which is all prompt.
    const isSumAlone = promptTokens === undefined && completionTokens === undefined;
    const read = usage.cache_read_input_tokens ?? 0;
    return {
      // Messages count apart what was read from the cache: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
      promptTokens: isSumAlone ? (usage.total_tokens ?? undefined) : addTo(promptTokens, read),
      completionTokens,
      cachedTokens:
        usage.prompt_tokens_details?.cached_tokens ??
        usage.input_tokens_details?.cached_tokens ??
        usage.cache_read_input_tokens ??
        undefined,
    };
  });

const addTo = (count: number | undefined, more: number): number | undefined =>
  count === undefined ? undefined : count + more;

/** Where the usage stands: at the top, in a `response.completed`, in a `message_start`. */
const holderSchema = z.object({ usage: z.unknown() });
const nestedSchema = z.object({ response: holderSchema.optional(), message: holderSchema.optional() });

/** The usage that a body or an event holds. */
export function readUsage(value: unknown): Usage | undefined {
  const nested = nestedSchema.safeParse(value).data;
  const holder = holderSchema.safeParse(value).data;
  const candidates = [holder?.usage, nested?.response?.usage, nested?.message?.usage];
  return candidates.map(parseUsage).find((usage) => usage !== undefined);
}

function parseUsage(value: unknown): Usage | undefined {
  const usage = usageSchema.safeParse(value).data;
  return usage?.promptTokens === undefined && usage?.completionTokens === undefined ? undefined : usage;
}

/** What `later` leaves open stays as `earlier` had it: some engines tell the prompt first and the output last. */
export const mergeUsage = (earlier: Usage | undefined, later: Usage): Usage => ({
  promptTokens: later.promptTokens ?? earlier?.promptTokens,
  completionTokens: later.completionTokens ?? earlier?.completionTokens,
  cachedTokens: later.cachedTokens ?? earlier?.cachedTokens,
});
