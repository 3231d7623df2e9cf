import type { DeliberateDifference } from "./deliberate-difference.ts";
import { everywhere, fields, silence } from "./sighting.ts";

export const forwarding: readonly DeliberateDifference[] = [
  {
    id: "byte-for-byte",
    reference: "parses the payload and writes it anew",
    ours: "forwards its bytes, unless the handler changes it",
    why: "It costs less, and the model server gets what the client wrote.",
    requirements: ["forward/bytes"],
    seen: fields("a payload is spelled in an unusual way", [
      "model: text",
      '{"prompt": "h\\u00e9llo \\u00e9", "seed": 12345678901234567890, "max_tokens": 3, "top_p": 1.0}',
      '{"prompt":"h\\u00e9llo é","seed":12345678901234567890,"max_tokens":3,"top_p":1e0}',
    ]),
  },
  {
    id: "request-headers",
    reference: "sends the model server none of the client's headers",
    ours: "passes on `accept`, `traceparent` and `tracestate`",
    why: "Traces go through, and a model server can choose by `accept`. Credentials go no further in either.",
    requirements: ["forward/request-headers", "D24"],
    seen: fields(
      "a request carries credentials and trace headers",
      ["model: accept", "*/*", "text/event-stream"],
      ["model: traceparent", null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    ),
  },
  {
    id: "stream-headers",
    reference: "keeps one header of a stream, the content type, without its charset",
    ours: "passes on all but hop-by-hop headers",
    why: "What the model server says of its answer is for the client.",
    requirements: ["forward/response-headers", "D23"],
    seen: fields(
      "a request asks for a stream",
      ["content-type", "text/event-stream", "text/event-stream; charset=utf-8"],
      ["server", null, "pyworker-stand-in"],
    ),
  },
  {
    id: "model-unreachable",
    reference: "answers 500 with an empty body when the model server breaks the connection or isn't there",
    ours: "answers 502 and says why",
    why: "Clients repeat both; a 502 tells who failed.",
    requirements: ["forward/unreachable"],
    seen: [
      ...silence("the model breaks the connection", "the model server did not answer: other side closed"),
      ...silence("the model is not there", "the model server did not answer: connect ECONNREFUSED 127.0.0.1:<port>"),
      ...everywhere(["the model breaks the connection", "the model is not there"], ["status", 500, 502]),
    ],
  },
  {
    id: "broken-stream",
    reference:
      "ends a stream whose model died as if it were complete, with the head of a second answer as its last bytes",
    ours: "cuts the connection",
    why: "A truncated answer must not look like a whole one.",
    requirements: ["D22", "F5"],
    seen: fields(
      "the model dies in a stream",
      ["heads", 2, 1],
      ["connection closed", false, true],
      ["looks complete", true, false],
    ),
  },
  {
    id: "leaving-stops-the-model",
    reference: "lets the model finish a stream whose client has left",
    ours: "aborts it",
    why: "A GPU that works for nobody is lost to others.",
    requirements: ["D21", "F3"],
    seen: fields("the client leaves in a stream", ["model hears of it", false, true]),
  },
];
