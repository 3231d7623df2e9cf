import { z } from "zod";

/** Counts that may be left out or null, as the OpenAI API has them. */
const count = z.int().nonnegative().max(10_000_000).nullish();

const sharedFields = {
  max_tokens: count,
  n: z.int().positive().max(16_384).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
};

/** A text or a list of token ids, one or several. */
type PromptValue = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** One check for all four: a union would describe each of its failures, for each of a hundred thousand ids. */
const promptSchema = z.custom<PromptValue>(
  isPrompt,
  "expected a string, a list of strings, a list of token ids, or a list of lists of token ids",
);

/** `POST /v1/completions`, as far as it is read here. Everything else passes. */
export const completionSchema = z.looseObject({ prompt: promptSchema.nullish(), ...sharedFields });

const contentPartSchema = z.looseObject({
  type: z.string().nullish(),
  text: z.string().nullish(),
  thinking: z.string().nullish(),
  refusal: z.string().nullish(),
});

const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(z.union([z.string(), contentPartSchema]))]).nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
});

/** `POST /v1/chat/completions`, as far as it is read here. */
export const chatSchema = z.looseObject({
  messages: z.array(messageSchema).min(1),
  max_completion_tokens: count,
  tools: z.array(z.unknown()).nullish(),
  ...sharedFields,
});

export type Completion = z.infer<typeof completionSchema>;
export type Chat = z.infer<typeof chatSchema>;
export type TextRequest = Completion | Chat;

function isPrompt(value: unknown): value is PromptValue {
  return (
    typeof value === "string" ||
    (Array.isArray(value) &&
      (value.every((item) => typeof item === "string") || isTokens(value) || value.every(isTokens)))
  );
}

const isTokens = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && id >= 0);
