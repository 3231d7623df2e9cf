import { type ModelAccess, Worker, type WorkerOptions } from "@pyworker/core";
import { createLlm, type LlmOptions, waitForAll } from "@pyworker/llm";
import { z } from "zod";
import { chooseRoutes, type RouteOptions } from "./choose-routes.ts";
import { createHandlers } from "./create-handlers.ts";
import { type EngineName, presets } from "./presets.ts";
import { routes } from "./routes/index.ts";
import { createServedModel } from "./served-model.ts";

/** Any option of a worker, with what is particular to LLM engines. */
export interface VllmWorkerOptions extends Partial<WorkerOptions>, LlmOptions, RouteOptions {
  /** Which engine it is. Default "vllm". */
  engine?: EngineName;
}

const defaultEmbedChars = 600;

/** A worker for vLLM, SGLang or llama.cpp's server, with their OpenAI routes. */
export function createVllmWorker(options: VllmWorkerOptions = {}): Worker {
  const { engine = "vllm", onListening, onModelLoaded, problems = [], workload, ...others } = options;
  const preset = presets[engine];
  const model = createServedModel({ name: others.model, maxLength: workload?.maxModelLength });
  const llm = createLlm(model, options);
  const chosen = chooseRoutes(options);
  return new Worker({
    backend: engine,
    workloadUnit: llm.unit,
    modelServerUrl: "http://127.0.0.1",
    modelServerPort: 18000,
    modelLogFile: preset.modelLogFile,
    modelHealthcheckUrl: "/health",
    handlers: createHandlers(chosen, {
      llm,
      preset,
      benchmarkSpeechVoice: options.benchmarkSpeechVoice,
      benchmarkEmbedChars: options.benchmarkEmbedChars ?? defaultEmbedChars,
    }),
    logActions: {
      onLoad: preset.onLoad,
      onError: preset.onError,
      onSuspect: preset.onSuspect,
      onInfo: ['"message":"Download'],
    },
    ...others,
    problems: [...problems, ...chosen.problems],
    onListening: () => {
      llm.loadSoon();
      onListening?.();
    },
    onModelLoaded: (access) => {
      if (chosen.unknown.length > 0) {
        access.log.warn(
          { unknown: chosen.unknown, known: Object.keys(routes) },
          "routes that there are not, and that are left out",
        );
      }
      return waitForAll([
        llm.load(access, (text) => countByEngine(access, { [preset.tokenizeField]: text })),
        model.meet(access),
        onModelLoaded?.(access),
      ]);
    },
  });
}

/** llama.cpp's server tells the tokens alone. */
const countedSchema = z.union([
  z.object({ count: z.int().nonnegative() }),
  z.object({ tokens: z.array(z.unknown()) }).transform(({ tokens }) => ({ count: tokens.length })),
]);

/** Tokens of a text, as the engine counts them. */
async function countByEngine({ postJson }: ModelAccess, text: Record<string, string>): Promise<number> {
  const { count } = countedSchema.parse(await postJson("/tokenize", { ...text, add_special_tokens: false }));
  return count;
}
