import type { WatchContext } from "@pyworker/core";
import type { z } from "zod";
import { type AnswerFormat, openAiFormat } from "./answer-format.ts";
import type { Llm } from "./llm.ts";
import { createPricing } from "./pricing.ts";
import type { TextTask } from "./text-task.ts";
import { watchAnswer } from "./watch-answer.ts";
import { watchFailure } from "./watch-failure.ts";

export interface TextRouteOptions<Schema extends z.ZodType> {
  /** What a payload must look like. */
  payload: Schema;
  /** What a payload asks of the engine. */
  read(payload: z.output<Schema>): TextTask;
  /** The body for the engine; undefined where the client's own bytes will do. Default: always those. */
  transform?: (payload: z.output<Schema>) => unknown;
  /** The same, with usage asked for where the engine would not tell. Default: `transform`. */
  askForUsage?: (payload: z.output<Schema>) => unknown;
  /** Whether a stream's usage event is there on our account alone: it is taken out then. Default: never. */
  stripsUsage?: (payload: z.output<Schema>) => boolean;
  /** How the answer to a payload tells its usage. Default: as on all OpenAI routes. */
  format?: (payload: z.output<Schema>) => AnswerFormat;
}

/** What a handler of a text route needs beside its path: how it reads a request is all that tells one from another. */
export function textRoute<Schema extends z.ZodType>(llm: Llm, options: TextRouteOptions<Schema>) {
  const { payload, read, transform, askForUsage = transform, stripsUsage, format = () => openAiFormat } = options;
  const { maxQueueTime, workload, model, queue } = llm;
  type Payload = z.output<Schema>;
  const shared = { payload, allowParallelRequests: true, maxQueueTime } as const;
  if (workload.count === "max_tokens") {
    return {
      ...shared,
      workload: (request: Payload) => Math.max(1, read(request).maxTokens ?? 0),
      ...(transform && { transform }),
      watch: ({ fail, payload: request }: WatchContext<Payload>) => watchFailure(format(request), fail),
    };
  }
  const pricing = createPricing({ promptWeight: workload.promptWeight, maxModelLength: () => model.maxLength });
  return {
    ...shared,
    workload: (request: Payload) => pricing.estimate(read(request)),
    ...(askForUsage && { transform: askForUsage }),
    watch: (books: WatchContext<Payload>) =>
      watchAnswer({
        task: read(books.payload),
        pricing,
        queue,
        format: format(books.payload),
        strips: stripsUsage?.(books.payload) ?? false,
        books,
      }),
  };
}
