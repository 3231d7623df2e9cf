import { type ModelAccess, Worker, type WorkerOptions } from "@pyworker/core";
import { createLlm, type LlmOptions, waitForAll } from "@pyworker/llm";
import { z } from "zod";
import { createHandlers } from "./create-handlers.ts";
import { logActions } from "./log-actions.ts";
import { createModelServer } from "./model-server.ts";

/** Any option of a worker, with what is particular to language models. */
export interface TgiWorkerOptions extends Partial<WorkerOptions>, LlmOptions {}

/** A worker for Hugging Face's Text Generation Inference: its own routes, and its OpenAI routes. */
export function createTgiWorker(options: TgiWorkerOptions = {}): Worker {
  const { onListening, onModelLoaded, workload, ...others } = options;
  const server = createModelServer({ name: others.model, maxLength: workload?.maxModelLength });
  const llm = createLlm(server, { maxQueueTime: 60, ...options });
  return new Worker({
    backend: "tgi",
    workloadUnit: llm.unit,
    modelServerUrl: "http://127.0.0.1",
    modelServerPort: 5001,
    modelLogFile: "/workspace/infer.log",
    modelHealthcheckUrl: "/health",
    handlers: createHandlers({ llm, server }),
    logActions,
    ...others,
    onListening: () => {
      llm.loadSoon();
      onListening?.();
    },
    onModelLoaded: (access) =>
      waitForAll([
        llm.load(access, (text) => countByServer(access, text)),
        server.meet(access),
        onModelLoaded?.(access),
      ]),
  });
}

const tokensSchema = z.array(z.object({ start: z.number(), stop: z.number() }));

/** Tokens of a text, as the model server counts them: without those that it adds, which stand for nothing in the text. */
async function countByServer({ postJson }: ModelAccess, text: string): Promise<number> {
  const tokens = tokensSchema.parse(await postJson("/tokenize", { inputs: text }));
  return tokens.filter(({ start, stop }) => stop > start).length;
}
