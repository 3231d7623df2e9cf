import type { ConfigurationProblem } from "@pyworker/core";
import type { RouteOptions } from "./choose-routes.ts";

/** The environment variables that tell which routes are served, and how they are measured. */
export const routeVariables = {
  OPENAI_ROUTES: "the routes to serve, with commas between them; unset: the text routes and `BENCHMARK_ROUTE`",
  BENCHMARK_ROUTE: "the route that throughput is measured by; unset: `/v1/completions`",
  BENCHMARK_SPEECH_VOICE: "the voice that a benchmark of speech asks for; unset: the model's own",
  BENCHMARK_EMBED_CHARS: "characters in a text that a benchmark has embedded; unset: 600",
} as const;

type Variables = Partial<Record<keyof typeof routeVariables, string>>;

/** Options from the environment. What is wrong is added to `problems`; which routes there are, createVllmWorker knows. */
export function readRouteOptions(variables: Variables, problems: ConfigurationProblem[]): RouteOptions {
  const { BENCHMARK_EMBED_CHARS: characters, BENCHMARK_ROUTE, BENCHMARK_SPEECH_VOICE, OPENAI_ROUTES } = variables;
  const options: RouteOptions = {};
  if (OPENAI_ROUTES !== undefined) {
    options.routes = OPENAI_ROUTES.split(",").flatMap((path) => path.trim() || []);
  }
  if (BENCHMARK_ROUTE !== undefined) {
    options.benchmarkRoute = BENCHMARK_ROUTE;
  }
  if (BENCHMARK_SPEECH_VOICE !== undefined) {
    options.benchmarkSpeechVoice = BENCHMARK_SPEECH_VOICE;
  }
  if (characters !== undefined && /^[1-9]\d{0,5}$/.test(characters)) {
    options.benchmarkEmbedChars = Number(characters);
  } else if (characters !== undefined) {
    const found = JSON.stringify(characters);
    problems.push({ name: "BENCHMARK_EMBED_CHARS", expected: "a number of characters", found });
  }
  return options;
}
