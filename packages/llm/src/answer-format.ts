import type { ModelResponse } from "@pyworker/core";
import { z } from "zod";
import { readUsage, type Usage } from "./usage.ts";

/** How an answer tells what it has cost, and that it has failed. */
export interface AnswerFormat {
  /** The usage in a body's or an event's JSON. */
  usageOf(value: unknown): Usage | undefined;
  /** Why an event says that the answer has failed; undefined for any other event. */
  errorOf(event: unknown): string | undefined;
  /** The usage in the head of an answer in one piece. */
  usageOfHeaders?(headers: ModelResponse["headers"]): Usage | undefined;
  /** Whether an event holds exactly one token, so that counting them tells the usage where nothing else does. */
  hasTokenPerEvent?: boolean;
}

/** Only an event that holds this may be an error. In JSON a quote inside a string is escaped: it is a key or a value wherever it stands. */
export const errorMark = Buffer.from('"error"');

const errorSchema = z.object({ error: z.union([z.string(), z.looseObject({ message: z.string() })]) });
/** The last event of a response that has failed says why inside of it. */
const failedSchema = z.object({ type: z.literal("response.failed"), response: errorSchema });

/** What the OpenAI routes of all engines have in common. */
export const openAiFormat: AnswerFormat = {
  usageOf: readUsage,
  errorOf: (event) => {
    const { error } = errorSchema.safeParse(event).data ?? failedSchema.safeParse(event).data?.response ?? {};
    return typeof error === "string" ? error : error?.message;
  },
};
