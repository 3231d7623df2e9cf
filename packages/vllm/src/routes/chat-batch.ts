import { bodyOf, randomWords, readChat, type TextTask, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { shareOf } from "../share.ts";
import { benchmarkSampling } from "./benchmark-text.ts";
import { countSchema, messageSchema, toolsSchema } from "./content.ts";
import { benchmarkModel, defineRoute, quickBenchmark, type Route } from "./route.ts";

const conversationsInBenchmark = 4;
const tokensInBenchmark = 125;
const wordsInBenchmark = 60;
/** What the Python worker prices others by. */
const tokensOfReference = 500;

/** `POST /v1/chat/completions/batch`, as far as it is read here: several chats, with one answer each. */
const schema = z.looseObject({
  messages: z.array(z.array(messageSchema).min(1)).min(1),
  max_tokens: countSchema,
  max_completion_tokens: countSchema,
  tools: toolsSchema,
});

export const chatBatchRoute: Route = ({ llm }) =>
  defineRoute({
    ...textRoute(llm, { payload: wrappable(schema), read: ({ request }) => readBatch(request), transform: bodyOf }),
    benchmark: {
      ...quickBenchmark,
      generator: () => ({
        ...benchmarkModel(llm),
        messages: Array.from({ length: conversationsInBenchmark }, () => [
          { role: "user", content: randomWords(wordsInBenchmark) },
        ]),
        max_tokens: tokensInBenchmark,
        ...benchmarkSampling,
      }),
    },
  });

function readBatch({ messages: chats, tools, ...limits }: z.output<typeof schema>): TextTask {
  const { max_completion_tokens: completionTokens, max_tokens: maxTokens } = limits;
  const tasks = chats.map((messages) => readChat({ messages, tools }));
  const perChat = maxTokens || completionTokens || tokensOfReference;
  return {
    texts: tasks.flatMap(({ texts }) => texts),
    otherTokens: tasks.reduce((sum, { otherTokens }) => sum + otherTokens, 0),
    prompts: tasks.length,
    sequences: tasks.length,
    outputLimit: completionTokens ?? maxTokens ?? undefined,
    maxTokens: shareOf(perChat * tasks.length, tokensOfReference),
  };
}
