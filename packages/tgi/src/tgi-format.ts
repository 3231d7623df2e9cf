import { type AnswerFormat, openAiFormat, type Usage } from "@pyworker/llm";
import { z } from "zod";

const count = z.coerce.number().int().nonnegative();

/** The head of an answer in one piece, on all routes. */
const headSchema = z
  .object({ "x-prompt-tokens": count, "x-generated-tokens": count })
  .transform((head) => usage(head["x-prompt-tokens"], head["x-generated-tokens"]));

/** The last event of a stream that was asked for with `details`. */
const lastEventSchema = z
  .object({ details: z.object({ input_length: count, generated_tokens: count }) })
  .transform(({ details }) => usage(details.input_length, details.generated_tokens));

/** The OpenAI routes, which tell their usage in the head too. */
export const tgiOpenAiFormat: AnswerFormat = {
  ...openAiFormat,
  usageOfHeaders: (headers) => headSchema.safeParse(headers).data,
};

/**
 * `/generate`, `/generate_stream` and `/`. Of `bestOf` answers the head tells the tokens of the best: the others are as
 * long, as far as one can tell.
 */
export const generateFormat = (bestOf = 1): AnswerFormat => ({
  ...tgiOpenAiFormat,
  usageOf: (event) => lastEventSchema.safeParse(event).data,
  hasTokenPerEvent: true,
  usageOfHeaders: (headers) => {
    const best = headSchema.safeParse(headers).data;
    return best && usage(best.promptTokens, bestOf * best.completionTokens);
  },
});

/** A stream of several prompts' answers, each of which tells its own usage when it ends. For one stream. */
export function createSumFormat(): AnswerFormat {
  let promptTokens = 0;
  let completionTokens = 0;
  return {
    ...tgiOpenAiFormat,
    usageOf: (event) => {
      const own = openAiFormat.usageOf(event);
      promptTokens += own?.promptTokens ?? 0;
      completionTokens += own?.completionTokens ?? 0;
      return own && usage(promptTokens, completionTokens);
    },
  };
}

function usage(promptTokens: number, completionTokens: number) {
  return { promptTokens, completionTokens, cachedTokens: undefined } satisfies Usage;
}
