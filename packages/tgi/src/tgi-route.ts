import type { AnswerFormat, Llm, TextRouteOptions } from "@pyworker/llm";
import { textRoute } from "@pyworker/llm";
import type { z } from "zod";

interface TgiRouteOptions<Schema extends z.ZodType> extends TextRouteOptions<Schema> {
  /** The format of an answer that tells its usage otherwise than others on this route do; undefined for all those. */
  formatOf(payload: z.output<Schema>): AnswerFormat | undefined;
}

const maxQueueTime = 60;

/** A route for text that isn't held in a queue for long. */
export function tgiRoute<Schema extends z.ZodType>(llm: Llm, { formatOf, ...options }: TgiRouteOptions<Schema>) {
  const route = { ...textRoute(llm, options), maxQueueTime };
  if (!("watch" in route)) {
    return route;
  }
  const { watch } = route;
  return {
    ...route,
    watch: (books: Parameters<typeof watch>[0]) => {
      const format = formatOf(books.payload);
      const own = format === undefined ? route : textRoute(llm, { ...options, format });
      return "watch" in own ? own.watch(books) : undefined;
    },
  };
}
