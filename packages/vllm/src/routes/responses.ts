import { bodyOf, readChat, type TextTask, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { benchmarkSampling, benchmarkText } from "./benchmark-text.ts";
import { contentSchema, countSchema, toolsSchema } from "./content.ts";
import { benchmarkModel, defineRoute, type Route, textBenchmark } from "./route.ts";

/** What comes of an item in another way than messages do, or not at all: no fault of the request's. */
const otherContent = contentSchema.nullish().catch(undefined);

const itemSchema = z.looseObject({
  type: z.string().nullish(),
  role: z.string().nullish(),
  content: contentSchema.nullish(),
  output: otherContent,
  summary: otherContent,
});

const asItems = (input: unknown): unknown => (typeof input === "string" ? [{ role: "user", content: input }] : input);

/** `POST /v1/responses`, as far as it is read here. */
const schema = z.looseObject({
  input: z.preprocess(asItems, z.array(itemSchema, "expected a text, or a list of items")),
  instructions: z.string().nullish(),
  max_output_tokens: countSchema,
  tools: toolsSchema,
});

/** The engine keeps what it has answered: it is asked for by id, and so is an answer called off. */
export const responseRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...textRoute(llm, { payload: wrappable(schema), read: ({ request }) => readResponse(request), transform: bodyOf }),
    passthrough: [
      { method: "GET", path: "/v1/responses/*" },
      { method: "POST", path: "/v1/responses/*" },
    ],
    benchmark: {
      ...textBenchmark(preset),
      generator: () => {
        const { prompt, tokens } = benchmarkText(llm.model);
        return { ...benchmarkModel(llm), input: prompt, max_output_tokens: tokens, store: false, ...benchmarkSampling };
      },
    },
  });

/** What `previous_response_id` brings along, only the engine knows: its usage tells. */
function readResponse({ input, instructions, max_output_tokens, tools }: z.output<typeof schema>): TextTask {
  const messages = input.map((item) => ({
    role: item.role ?? "tool",
    content: [...(item.content ?? []), ...(item.output ?? []), ...(item.summary ?? [])],
    tool_calls: item.type === "function_call" ? [item] : [],
  }));
  const system = { role: "system", content: instructions };
  return readChat({ messages: [...(instructions ? [system] : []), ...messages], tools, max_tokens: max_output_tokens });
}
