import { chatRoute as chats } from "@pyworker/llm";
import { benchmarkSampling, benchmarkText } from "./benchmark-text.ts";
import { benchmarkModel, defineRoute, type Route, textBenchmark } from "./route.ts";

/** `POST /v1/chat/completions`. */
export const chatRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...chats(llm),
    benchmark: {
      ...textBenchmark(preset),
      generator: () => {
        const { prompt, tokens } = benchmarkText(llm.model);
        const messages = [{ role: "user", content: prompt }];
        return { ...benchmarkModel(llm), messages, max_tokens: tokens, ...benchmarkSampling };
      },
    },
  });
