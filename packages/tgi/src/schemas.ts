import { chatSchema } from "@pyworker/llm";
import { z } from "zod";
import { type Fault, type Limits, parameterFaults, promptFaults, stopFault } from "./faults.ts";

const positive = z.int().positive().max(0xffff_ffff).nullish();
const share = z.number().gt(0).lt(1).nullish();
/** Ignored whatever it is. */
const nothing = z
  .unknown()
  .optional()
  .transform(() => undefined);
const texts = z.array(z.string()).nullish();

/** `parameters` as far as they are read here, or refused by every version. Everything else passes. */
const parametersSchema = z.looseObject({
  best_of: z.int().nonnegative().nullish(),
  decoder_input_details: z.boolean().nullish(),
  do_sample: z.boolean().nullish(),
  max_new_tokens: positive,
  repetition_penalty: z.number().positive().nullish(),
  seed: z.number().nonnegative().nullish(),
  stop: texts,
  temperature: z.number().positive().nullish(),
  top_k: positive,
  top_p: share,
  truncate: positive,
  typical_p: share,
});

const requestSchema = z.looseObject({
  inputs: z.string().min(1),
  parameters: parametersSchema.nullish(),
  stream: z.unknown().optional(),
});

const openAiFields = { max_tokens: positive, stop: texts };

export type Generate = z.infer<typeof requestSchema>;

/** `POST /generate`, `/generate_stream` and `/`, which tells by a request whether it is the one or the other. */
export const generateSchema = (limits: Limits, isStream: (request: Generate) => boolean) =>
  requestSchema.superRefine((request, context) => {
    report(context, parameterFaults(request.parameters ?? {}, { limits: limits(), isStream: isStream(request) }));
  });

/** `POST /v1/completions`: without `n`, `suffix` and prompts of token ids. */
export const tgiCompletionSchema = (limits: Limits) =>
  z
    .looseObject({
      ...openAiFields,
      n: nothing,
      prompt: z.union([z.string(), z.array(z.string())]),
      stream: z.boolean().nullish(),
      suffix: z.null("not supported").optional(),
    })
    .superRefine(({ prompt, stop }, context) => {
      report(context, [...stopFault(stop, ["stop"], limits()), ...promptFaults(prompt, limits())]);
    });

/** `POST /v1/chat/completions`, where `n` means nothing. */
export const tgiChatSchema = (limits: Limits) =>
  chatSchema
    .extend({ ...openAiFields, max_completion_tokens: positive, n: nothing })
    .superRefine(({ stop }, context) => report(context, stopFault(stop, ["stop"], limits())));

export type TgiCompletion = z.infer<ReturnType<typeof tgiCompletionSchema>>;
export type TgiChat = z.infer<ReturnType<typeof tgiChatSchema>>;

interface FaultReport {
  addIssue(issue: { code: "custom"; path: string[]; message: string }): void;
}

function report(context: FaultReport, faults: readonly Fault[]): void {
  for (const fault of faults) {
    context.addIssue({ code: "custom", ...fault });
  }
}
