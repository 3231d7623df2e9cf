import { bodyOf, completionSchema, readChat, readCompletion, type TextTask, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { randomText } from "../random-text.ts";
import { shareOf } from "../share.ts";
import { messageSchema } from "./content.ts";
import { benchmarkModel, defineRoute, quickBenchmark, type Route } from "./route.ts";

const charactersPerToken = 4;

/** `POST /v1/embeddings`, as far as it is read here: texts or token ids, one or several; or a chat, for what is no text. */
const schema = z
  .looseObject({
    input: completionSchema.shape.prompt,
    messages: z.array(messageSchema).min(1).nullish(),
  })
  .superRefine(({ input, messages }, context) => {
    if ((input ?? messages ?? undefined) === undefined) {
      context.addIssue({ code: "custom", message: "field missing", path: ["input"] });
    }
  });

/** Nothing but prompt. */
export const embeddingRoute: Route = ({ benchmarkEmbedChars, llm }) =>
  defineRoute({
    ...textRoute(llm, {
      payload: wrappable(schema),
      read: ({ request }) => readEmbedding(request, benchmarkEmbedChars),
      transform: bodyOf,
    }),
    benchmark: {
      ...quickBenchmark,
      generator: () => ({ ...benchmarkModel(llm), input: randomText(benchmarkEmbedChars) }),
    },
  });

function readEmbedding({ input, messages }: z.output<typeof schema>, charactersOfReference: number): TextTask {
  const task = messages ? readChat({ messages }) : readCompletion({ prompt: input });
  const characters = task.texts.reduce((sum, text) => sum + text.length, 0) + charactersPerToken * task.otherTokens;
  return { ...task, outputLimit: 0, maxTokens: shareOf(characters, charactersOfReference) };
}
