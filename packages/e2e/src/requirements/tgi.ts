import type { Requirement } from "./requirement.ts";

const source = "@pyworker/tgi";

export const tgiRequirements = [
  {
    id: "tgi/routes",
    behaviour:
      "Every route answers with the model's own bytes, whole and streamed, bare and wrapped where it is OpenAI's",
    source,
  },
  { id: "tgi/bad-fields", behaviour: "What every version refuses is refused by the field's path, unsent", source },
  { id: "tgi/disconnect", behaviour: "A client that leaves stops the model, on every route", source },
  { id: "tgi/passthrough", behaviour: "GET /info and GET /v1/models pass through, signed", source },
  {
    id: "tgi/stream-errors",
    behaviour: "An error or a refusal inside a stream of status 200 is booked as an error, however workload is counted",
    source,
  },
  {
    id: "tgi/default-length",
    behaviour:
      "Without a limit, 100 tokens are expected up to version 2.4.1, as many as usual later; never more than fit",
    source,
  },
  { id: "tgi/best-of", behaviour: "Each of best_of answers is expected, and booked as long as the best", source },
  { id: "tgi/ready", behaviour: "Both grammars of the log make the worker ready", source },
  { id: "tgi/health", behaviour: "After the log, ready waits for 200 of the health endpoint", source },
  { id: "tgi/fatal", behaviour: "Each way in which the launcher ends is reported, until it starts again", source },
  { id: "tgi/own-words", behaviour: "A request's own words in the log mean nothing", source },
] as const satisfies readonly Requirement[];
