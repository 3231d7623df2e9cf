import type { Logger } from "pino";
import { fetch } from "undici";
import type { ModelAccess, WorkerConfig } from "./config.ts";
import { stringifyJson } from "./json.ts";
import { waitForPort } from "./model/wait-for-port.ts";

const timeoutMilliseconds = 10_000;

/** Waits until the loaded model server listens, and lets the backend ask what it serves. Never rejects. */
export async function meetModel(
  { config, log }: { config: WorkerConfig; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { benchmarkHandler, modelUrl, onModelLoaded } = config;
  if (benchmarkHandler.kind === "forward") {
    await waitForPort(modelUrl, signal);
  }
  try {
    await onModelLoaded?.(createModelAccess(config, signal));
  } catch (error) {
    if (!signal.aborted) {
      log.warn({ reason: String(error) }, "the model server could not be asked what it serves");
    }
  }
}

interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Asks the model server in the worker's own name, with its key. */
export function createModelAccess(
  { environment, modelUrl }: { environment: { MODEL_API_KEY: string | undefined }; modelUrl: URL },
  signal: AbortSignal,
): ModelAccess {
  const { MODEL_API_KEY: key } = environment;
  const authorization: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const ask = async (path: string, { headers, ...init }: Question): Promise<unknown> => {
    const response = await fetch(modelUrl.href.replace(/\/$/, "") + path, {
      ...init,
      headers: { ...authorization, ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
    });
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}`);
    }
    return response.json();
  };
  return {
    getJson: (path) => ask(path, {}),
    postJson: (path, body) =>
      ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: stringifyJson(body) }),
  };
}
