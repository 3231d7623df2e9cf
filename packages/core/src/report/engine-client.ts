import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

/** Posts to the first engine address that accepts. */
export interface EngineClient {
  /** `body` is made anew for each try. Resolves to whether an address has accepted it; never rejects. */
  post(path: string, body: () => unknown, options?: PostOptions): Promise<boolean>;
}

interface PostOptions {
  /** Addresses that take no such posts. */
  skip?: readonly string[];
  signal?: AbortSignal;
}

interface EngineClientOptions {
  addresses: readonly string[];
  log: Logger;
  tries?: number;
  gapMilliseconds?: number;
  timeoutMilliseconds?: number;
}

export function createEngineClient({
  addresses,
  log,
  tries = 3,
  gapMilliseconds = 2000,
  timeoutMilliseconds = 10_000,
}: EngineClientOptions): EngineClient {
  const tryOnce = async (url: string, body: unknown, signal: AbortSignal | undefined): Promise<boolean> => {
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      await response.arrayBuffer();
      if (!response.ok) {
        log.warn({ url, status: response.status }, "the engine refused a report");
      }
      return response.ok;
    } catch (error) {
      log.warn({ url, reason: String(error) }, "the engine can't be reached");
      return false;
    }
  };
  return {
    post: async (path, body, { skip = [], signal } = {}) => {
      for (const address of addresses.filter((candidate) => !skip.includes(candidate))) {
        for (let attempt = 1; attempt <= tries && !signal?.aborted; attempt += 1) {
          if (await tryOnce(`${address}/${path}/`, body(), signal)) {
            return true;
          }
          await sleep(gapMilliseconds, undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined);
        }
      }
      return false;
    },
  };
}
