import { defineHandler, type Handler, type PassthroughRoute } from "@pyworker/core";
import { askForUsage, bareOrWrapped, isUsageOurs, type Llm, unwrap } from "@pyworker/llm";
import { benchmarkConcurrency, benchmarkPayload } from "./benchmark.ts";
import type { ModelServer } from "./model-server.ts";
import { type Generate, generateSchema, tgiChatSchema, tgiCompletionSchema } from "./schemas.ts";
import { bestOfFormat, createSumFormat, generateFormat, tgiOpenAiFormat } from "./tgi-format.ts";
import { tgiRoute } from "./tgi-route.ts";
import { readGenerate, readTgiChat, readTgiCompletion } from "./tgi-task.ts";

interface HandlersOptions {
  llm: Llm;
  server: ModelServer;
}

const passthrough: readonly PassthroughRoute[] = [
  { method: "GET", path: "/info" },
  { method: "GET", path: "/v1/models" },
];

/** The handlers of all routes for text. `/generate` has the benchmark. */
export function createHandlers({ llm, server }: HandlersOptions): Handler[] {
  const limits = () => server.limits;
  const generate = (isStream: (request: Generate) => boolean) =>
    tgiRoute(llm, {
      payload: generateSchema(limits, isStream),
      read: (request) => readGenerate(request, limits()),
      format: generateFormat,
      formatOf: ({ parameters }) =>
        (parameters?.best_of ?? 1) > 1 ? bestOfFormat(parameters?.best_of ?? 1) : undefined,
    });
  return [
    withinLimits(
      defineHandler({
        ...generate(() => false),
        route: "/generate",
        benchmark: { generator: () => benchmarkPayload(server), runs: 8, until: "stable" },
        passthrough,
      }),
      server,
    ),
    defineHandler({ ...generate(() => true), route: "/generate_stream" }),
    defineHandler({ ...generate(({ stream }) => stream === true), route: "/" }),
    defineHandler({
      ...tgiRoute(llm, {
        payload: bareOrWrapped(tgiCompletionSchema(limits)),
        read: ({ request }) => readTgiCompletion(request, limits()),
        transform: unwrap,
        format: tgiOpenAiFormat,
        formatOf: ({ request: { prompt, stream } }) =>
          stream === true && Array.isArray(prompt) && prompt.length > 1 ? createSumFormat() : undefined,
      }),
      route: "/v1/completions",
    }),
    defineHandler({
      ...tgiRoute(llm, {
        payload: bareOrWrapped(tgiChatSchema(limits)),
        read: ({ request }) => readTgiChat(request, limits(), llm.counter.tokenizer?.template),
        transform: unwrap,
        askForUsage,
        stripsUsage: ({ request }) => isUsageOurs(request),
        format: tgiOpenAiFormat,
        formatOf: () => undefined,
      }),
      route: "/v1/chat/completions",
    }),
  ];
}

/** How many requests the model server takes at once is known by the time they are sent. */
function withinLimits({ benchmark, ...handler }: Handler, server: ModelServer): Handler {
  return {
    ...handler,
    benchmark: benchmark && {
      ...benchmark,
      get concurrency() {
        return benchmarkConcurrency(server.limits);
      },
    },
  };
}
