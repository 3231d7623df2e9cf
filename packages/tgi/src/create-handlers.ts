import { defineHandler, type Handler, type PassthroughRoute } from "@pyworker/core";
import { askForUsage, bodyOf, isUsageOurs, type Llm, textRoute, wrappable } from "@pyworker/llm";
import { benchmarkConcurrency, benchmarkPayload } from "./benchmark.ts";
import type { ModelServer } from "./model-server.ts";
import { type Generate, generateSchema, tgiChatSchema, tgiCompletionSchema } from "./schemas.ts";
import { createSumFormat, generateFormat, tgiOpenAiFormat } from "./tgi-format.ts";
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
    textRoute(llm, {
      payload: generateSchema(limits, isStream),
      read: (request) => readGenerate(request, limits()),
      format: ({ parameters }) => generateFormat(parameters?.best_of ?? undefined),
    });
  return [
    defineHandler({
      ...generate(() => false),
      route: "/generate",
      benchmark: {
        generator: () => benchmarkPayload(server),
        runs: 8,
        until: "stable",
        // How many the model server takes at once is known by then.
        concurrency: () => benchmarkConcurrency(server.limits),
      },
      passthrough,
    }),
    defineHandler({ ...generate(() => true), route: "/generate_stream" }),
    defineHandler({ ...generate(({ stream }) => stream === true), route: "/" }),
    defineHandler({
      ...textRoute(llm, {
        payload: wrappable(tgiCompletionSchema(limits)),
        read: ({ request }) => readTgiCompletion(request, limits()),
        transform: bodyOf,
        format: ({ request }) => (isStreamOfSeveral(request) ? createSumFormat() : tgiOpenAiFormat),
      }),
      route: "/v1/completions",
    }),
    defineHandler({
      ...textRoute(llm, {
        payload: wrappable(tgiChatSchema(limits)),
        read: ({ request }) => readTgiChat(request, limits(), llm.counter.tokenizer?.template),
        transform: bodyOf,
        askForUsage,
        stripsUsage: ({ request }) => isUsageOurs(request),
        format: () => tgiOpenAiFormat,
      }),
      route: "/v1/chat/completions",
    }),
  ];
}

const isStreamOfSeveral = ({ prompt, stream }: { prompt?: unknown; stream?: boolean | null | undefined }): boolean =>
  stream === true && Array.isArray(prompt) && prompt.length > 1;
