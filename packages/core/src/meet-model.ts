import type { Logger } from "pino";
import { fetch } from "undici";
import type { WorkerConfig } from "./config.ts";
import { waitForPort } from "./model/wait-for-port.ts";

const timeoutMilliseconds = 10_000;

/** Waits until the loaded model server listens, and lets the backend ask what it serves. Never rejects. */
export async function meetModel(
  { config, log }: { config: WorkerConfig; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { benchmarkHandler, environment, modelUrl, onModelLoaded } = config;
  if (benchmarkHandler.kind === "forward") {
    await waitForPort(modelUrl, signal);
  }
  const headers: Record<string, string> = {};
  if (environment.MODEL_API_KEY !== undefined) {
    headers.authorization = `Bearer ${environment.MODEL_API_KEY}`;
  }
  const getJson = async (path: string): Promise<unknown> => {
    const response = await fetch(modelUrl.href.replace(/\/$/, "") + path, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
    });
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}`);
    }
    return response.json();
  };
  try {
    await onModelLoaded?.({ getJson });
  } catch (error) {
    if (!signal.aborted) {
      log.warn({ reason: String(error) }, "the model server could not be asked what it serves");
    }
  }
}
