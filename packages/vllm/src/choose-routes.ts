import type { ConfigurationProblem } from "@pyworker/core";
import { isRouteName, type RouteName, routes } from "./routes/index.ts";

/** Which routes a worker has, and how they are measured. */
export interface RouteOptions {
  /** Paths of the routes to serve. Default: the text routes and the measured one. */
  routes?: readonly string[];
  /** The route that the worker's throughput is measured by. Default "/v1/completions". */
  benchmarkRoute?: string;
  /** The voice that a benchmark of speech asks for. Default: the model's own. */
  benchmarkSpeechVoice?: string;
  /** Characters in a text that a benchmark has embedded. Default 600. */
  benchmarkEmbedChars?: number;
}

/** The routes that a worker serves. */
export interface ChosenRoutes {
  served: readonly RouteName[];
  measured: RouteName;
  /** What was asked for and isn't there; worth a warning, since an image may be ahead of its worker. */
  unknown: readonly string[];
  problems: readonly ConfigurationProblem[];
}

const textRoutes = ["/v1/completions", "/v1/chat/completions"] as const;

/** A benchmark that can't be run is a problem: without one the worker would never be ready. */
export function chooseRoutes({ routes: asked, benchmarkRoute = textRoutes[0] }: RouteOptions): ChosenRoutes {
  const problems: ConfigurationProblem[] = [];
  const measured = isRouteName(benchmarkRoute) ? benchmarkRoute : textRoutes[0];
  const served = new Set((asked ?? [...textRoutes, measured]).filter(isRouteName));
  const unknown = asked?.filter((path) => !isRouteName(path)) ?? [];
  if (benchmarkRoute !== measured) {
    const expected = `one of ${listOf(Object.keys(routes))}`;
    problems.push({ name: "BENCHMARK_ROUTE", expected, found: JSON.stringify(benchmarkRoute) });
  } else if (!served.has(measured)) {
    const expected = `one of the routes that are served: ${listOf([...served])}`;
    problems.push({ name: "BENCHMARK_ROUTE", expected, found: JSON.stringify(measured) });
  }
  return { served: [...served.add(measured)], measured, unknown, problems };
}

const listOf = (paths: readonly string[]): string => paths.join(", ") || "none";
