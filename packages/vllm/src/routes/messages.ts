import { bodyOf, readChat, type TextTask, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { benchmarkSampling, benchmarkText } from "./benchmark-text.ts";
import { contentOf, contentSchema, partShape, toolsSchema } from "./content.ts";
import { benchmarkModel, defineRoute, type Route, textBenchmark } from "./route.ts";

/** What a tool has answered is a block with content of its own; what is no content there is no fault of the request's. */
const blockSchema = z.looseObject({ ...partShape, content: contentSchema.nullish().catch(undefined) });

/** `POST /v1/messages`, Anthropic's chat, as far as it is read here. */
const schema = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: contentOf(blockSchema) })).min(1),
  max_tokens: z.int().positive().max(10_000_000),
  system: contentSchema.nullish(),
  tools: toolsSchema,
});

/**
 * Anthropic's `input_tokens` leave out what was read from a cache. vLLM's are all tokens of the prompt, and it doesn't tell
 * which of them were cached: https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/anthropic/serving.py
 */
export const messageRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...textRoute(llm, { payload: wrappable(schema), read: ({ request }) => readMessages(request), transform: bodyOf }),
    benchmark: {
      ...textBenchmark(preset),
      generator: () => {
        const { prompt, tokens } = benchmarkText(llm.model);
        const messages = [{ role: "user", content: prompt }];
        return { ...benchmarkModel(llm), messages, max_tokens: tokens, ...benchmarkSampling };
      },
    },
  });

type Block = z.output<typeof blockSchema>;

function readMessages({ max_tokens, messages, system, tools }: z.output<typeof schema>): TextTask {
  const chat = messages.map(({ content, role }) => ({
    role,
    content: content.flatMap(partsOf),
    tool_calls: content.filter(({ type }) => type === "tool_use"),
  }));
  const head = system ? [{ role: "system", content: system }] : [];
  return readChat({ messages: [...head, ...chat], tools, max_tokens });
}

/** Thoughts that were blacked out never reach the model. */
function partsOf(block: Block): NonNullable<z.output<typeof contentSchema>> {
  if (block.type === "tool_use" || block.type === "redacted_thinking") {
    return [];
  }
  return block.type === "tool_result" ? (block.content ?? []) : [block];
}
