import { type ModelAccess, Worker, type WorkerOptions } from "@pyworker/core";
import { createLlm, type LlmOptions } from "@pyworker/llm";
import { z } from "zod";
import { type EngineName, presets } from "./presets.ts";
import { createServedModel } from "./served-model.ts";
import { createTextHandlers } from "./text-handlers.ts";

/** Any option of a worker, with what is particular to LLM engines. */
export interface VllmWorkerOptions extends Partial<WorkerOptions>, LlmOptions {
  /** Which engine it is. Default "vllm". */
  engine?: EngineName;
}

/** A worker for vLLM, SGLang or llama.cpp's server, with their OpenAI routes. */
export function createVllmWorker(options: VllmWorkerOptions = {}): Worker {
  const { engine = "vllm", workload, tokenizer, hubFolders, onModelLoaded, ...others } = options;
  const preset = presets[engine];
  const model = createServedModel({ name: others.model, maxLength: workload?.maxModelLength });
  const llm = createLlm(model, options);
  return new Worker({
    backend: engine,
    modelServerUrl: "http://127.0.0.1",
    modelServerPort: 18000,
    modelLogFile: preset.modelLogFile,
    modelHealthcheckUrl: "/health",
    handlers: createTextHandlers(llm, preset),
    logActions: {
      onLoad: preset.onLoad,
      onError: preset.onError,
      onSuspect: preset.onSuspect,
      onInfo: ['"message":"Download'],
    },
    ...others,
    onModelLoaded: (access) =>
      allOf([llm.load(access, (text) => countByEngine(access, text)), model.meet(access), onModelLoaded?.(access)]),
  });
}

const countedSchema = z.object({ count: z.int().nonnegative() });

/** Tokens of a text, as the engine counts them. */
async function countByEngine({ postJson }: ModelAccess, prompt: string): Promise<number> {
  return countedSchema.parse(await postJson("/tokenize", { prompt, add_special_tokens: false })).count;
}

/** Waits for the end of each, then throws what the first of them threw. */
async function allOf(promises: readonly (Promise<void> | undefined)[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
