import { bodyOf, readChat, readCompletion, type TextTask, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import type { Preset } from "../presets.ts";
import { benchmarkText } from "./benchmark-text.ts";
import { messageSchema, toolsSchema } from "./content.ts";
import { benchmarkModel, defineRoute, quickBenchmark, type Route } from "./route.ts";

const text = z.string().nullish();

/** `POST /tokenize`, as far as it is read here: a text or a chat. llama.cpp's server calls the text `content`. */
const schemaOf = ({ tokenizeField }: Preset) =>
  z
    .looseObject({ prompt: text, content: text, messages: z.array(messageSchema).min(1).nullish(), tools: toolsSchema })
    .superRefine((request, context) => {
      if ((request[tokenizeField] ?? request.messages ?? undefined) === undefined) {
        context.addIssue({ code: "custom", message: "field missing", path: [tokenizeField] });
      }
    });

/** Nothing but prompt. */
export const tokenizeRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...textRoute(llm, {
      payload: wrappable(schemaOf(preset)),
      read: ({ request }) => readText(request),
      transform: bodyOf,
    }),
    benchmark: {
      ...quickBenchmark,
      generator: () => ({ ...benchmarkModel(llm), [preset.tokenizeField]: benchmarkText(llm.model).prompt }),
    },
  });

function readText({ content, messages, prompt, tools }: z.output<ReturnType<typeof schemaOf>>): TextTask {
  const task = messages ? readChat({ messages, tools }) : readCompletion({ prompt: prompt ?? content });
  return { ...task, outputLimit: 0 };
}
