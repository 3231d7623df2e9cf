import type { Requirement } from "./requirement.ts";

const source = "section 2, what reaches the model";

export const forwardingRequirements = [
  { id: "forward/bytes", behaviour: "An unchanged payload reaches the model byte for byte", source },
  { id: "forward/integers", behaviour: "A changed payload keeps integers beyond 2^53", source },
  {
    id: "forward/request-headers",
    behaviour:
      "Towards the model: content-type, accept, traceparent, tracestate and the model's own key; never Authorization, cookies or the query",
    source,
  },
  {
    id: "forward/response-headers",
    behaviour: "Towards the client: status and end-to-end headers, no hop-by-hop ones",
    source,
  },
  { id: "forward/encoding", behaviour: "content-encoding and content-length stay true to the bytes", source },
  {
    id: "forward/secrets",
    behaviour: "No log line holds a client's key, a query string, a signature or a prompt",
    source,
  },
  { id: "forward/no-cap", behaviour: "More than a hundred requests reach the model at once", source },
  {
    id: "forward/kept-alive",
    behaviour: "Connections to the model are used again, and given up before the model closes them",
    source,
  },
  {
    id: "forward/retry-untouched",
    behaviour: "A request that met a closed connection untouched is retried once; anything else is not",
    source,
  },
  { id: "forward/stream", behaviour: "Streams pass chunk by chunk as they come", source },
  {
    id: "forward/back-pressure",
    behaviour: "A client that reads slowly slows the model down, and memory stays bounded",
    source,
  },
  { id: "forward/unreachable", behaviour: "A model that refuses or breaks off before the first byte: 502", source },
  {
    id: "forward/model-error",
    behaviour: "The model's own 4xx and 5xx pass through: status, content type and body",
    source,
  },
  { id: "forward/transform", behaviour: "transform changes the JSON that the model gets", source: "public API" },
  { id: "forward/multipart", behaviour: "transform may answer multipart form data", source: "public API" },
  { id: "forward/respond", behaviour: "respond shapes the answer", source: "public API" },
  { id: "execute/result", behaviour: "execute answers {result} and a failure 500", source: "public API" },
  {
    id: "execute/progress",
    behaviour: "execute sends its progress to a client that accepts events",
    source: "public API",
  },
  { id: "execute/signal", behaviour: "execute hears of a client that left", source: "public API" },
  {
    id: "form/signed",
    behaviour: "A form with files is a handler's payload, signed by header or query, and forwarded byte for byte",
    source: "public API",
  },
  {
    id: "form/faults",
    behaviour: "A malformed form, and a wrong field in one, are answered 422 that says so",
    source: "public API",
  },
  {
    id: "form/local",
    behaviour: "With UNSECURED a form needs no signature: an OpenAI client uploads like that",
    source: "public API",
  },
  {
    id: "passthrough/signed",
    behaviour:
      "A named route passes when signed by X-Serverless-Auth or serverless_ fields, both cut off; unsigned: 401",
    source: "public API",
  },
  { id: "passthrough/only-named", behaviour: "Nothing passes that no handler names", source: "public API" },
  { id: "passthrough/websocket", behaviour: "WebSocket upgrades pass, signed too", source: "public API" },
  {
    id: "passthrough/workload",
    behaviour: "A passed request counts with the workload its route names",
    source: "public API",
  },
] as const satisfies readonly Requirement[];
