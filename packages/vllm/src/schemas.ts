import { z } from "zod";

/** Counts that may be left out, or null, as the OpenAI API has them. */
const count = z.int().nonnegative().max(10_000_000).nullish();

const promptSchema = z.union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))]);

const streamOptionsSchema = z.looseObject({ include_usage: z.boolean().nullish() }).nullish();

const sharedFields = {
  max_tokens: count,
  n: z.int().positive().max(1024).nullish(),
  stream: z.boolean().nullish(),
  stream_options: streamOptionsSchema,
};

/** `POST /v1/completions`, as far as it is read here. Everything else passes. */
export const completionSchema = z.looseObject({ prompt: promptSchema.nullish(), ...sharedFields });

const contentPartSchema = z.looseObject({ type: z.string().optional(), text: z.string().nullish() });

/** `POST /v1/chat/completions`, as far as it is read here. */
export const chatSchema = z.looseObject({
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(contentPartSchema)]).nullish() }))
    .min(1),
  max_completion_tokens: count,
  tools: z.array(z.unknown()).nullish(),
  ...sharedFields,
});

export type Completion = z.infer<typeof completionSchema>;
export type Chat = z.infer<typeof chatSchema>;
export type TextRequest = Completion | Chat;

/** A payload as clients send it: bare, or wrapped in `input`. */
export interface Wrapped<Request> {
  request: Request;
  isWrapped: boolean;
}

/** Accepts a request bare or as `{"input": request}`. */
export function bareOrWrapped<Schema extends z.ZodType<TextRequest>>(schema: Schema) {
  return z.unknown().transform((value, context): Wrapped<z.output<Schema>> => {
    const isWrapped = isObject(value) && value.input !== undefined && value.input !== null;
    const parsed = schema.safeParse(isWrapped ? value.input : value);
    if (parsed.success) {
      return { request: parsed.data, isWrapped };
    }
    for (const issue of parsed.error.issues) {
      context.addIssue({
        code: "custom",
        message: issue.message,
        path: isWrapped ? ["input", ...issue.path] : [...issue.path],
      });
    }
    return z.NEVER;
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
