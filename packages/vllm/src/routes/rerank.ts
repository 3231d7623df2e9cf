import { bodyOf, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import { benchmarkPairs, itemsSchema, readPairs } from "./pairs.ts";
import { benchmarkModel, defineRoute, quickBenchmark, type Route } from "./route.ts";

/** `POST /v1/rerank`, as far as it is read here. */
const schema = z.looseObject({ query: itemsSchema, documents: itemsSchema });

export const rerankRoute: Route = ({ llm }) =>
  defineRoute({
    ...textRoute(llm, {
      payload: wrappable(schema),
      read: ({ request: { documents, query } }) => readPairs(query, documents),
      transform: bodyOf,
    }),
    benchmark: { ...quickBenchmark, generator: () => ({ ...benchmarkModel(llm), ...benchmarkPairs() }) },
  });
