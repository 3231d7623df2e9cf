import { bodyOf, textRoute, wrappable } from "@pyworker/llm";
import { z } from "zod";
import type { Preset } from "../presets.ts";
import { benchmarkPairs, itemsSchema, readPairs } from "./pairs.ts";
import { benchmarkModel, defineRoute, quickBenchmark, type Route } from "./route.ts";

const side = itemsSchema.nullish();

/** `POST /v1/score`, as far as it is read here: each side of the pairs has had several names. */
const sidesSchema = z.looseObject({
  queries: side,
  query: side,
  text_1: side,
  data_1: side,
  documents: side,
  items: side,
  text_2: side,
  data_2: side,
});

export const scoreRoute: Route = ({ llm, preset }) =>
  defineRoute({
    ...textRoute(llm, {
      payload: wrappable(pairsSchema(preset)),
      read: ({ request: { first, second } }) => readPairs(first, second),
      transform: bodyOf,
    }),
    benchmark: {
      ...quickBenchmark,
      generator: () => ({ ...benchmarkModel(llm), ...benchmarkOf(preset) }),
    },
  });

/** A side that is missing is told by the name that the engine has for it. */
const pairsSchema = ({ scores }: Preset) =>
  sidesSchema.transform((sides, context) => {
    const first = sides.queries ?? sides.query ?? sides.text_1 ?? sides.data_1;
    const second = sides.documents ?? sides.items ?? sides.text_2 ?? sides.data_2;
    if (first && second) {
      return { first, second };
    }
    const names = scores === "labels" ? labelNames : pairNames;
    for (const [name, found] of [[names[0], first] as const, [names[1], second] as const]) {
      if (!found) {
        context.addIssue({ code: "custom", message: "field missing", path: [name] });
      }
    }
    return z.NEVER;
  });

const pairNames = ["queries", "documents"] as const;
const labelNames = ["query", "items"] as const;
/** Any tokens will do, and these every vocabulary has. */
const someLabels = [0, 1];

function benchmarkOf({ scores }: Preset): Record<string, unknown> {
  const { documents, query } = benchmarkPairs();
  return scores === "labels" ? { query, items: documents, label_token_ids: someLabels } : { queries: query, documents };
}
