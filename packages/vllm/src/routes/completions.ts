import { completionRoute as completions } from "@pyworker/llm";
import { benchmarkSampling, benchmarkText } from "./benchmark-text.ts";
import { benchmarkModel, defineRoute, type Route, textBenchmark } from "./route.ts";

/** `POST /v1/completions`. */
export const completionRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...completions(llm, preset.completionTokens),
    benchmark: {
      ...textBenchmark(preset),
      generator: () => {
        const { prompt, tokens } = benchmarkText(llm.model);
        return { ...benchmarkModel(llm), prompt, max_tokens: tokens, ...benchmarkSampling };
      },
    },
  });
