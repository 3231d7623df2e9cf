import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { fetch } from "undici";
import { reasonOf } from "../reason-of.ts";

/** Posts to the first engine address that accepts. */
export interface EngineClient {
  /**
   * `body` is made anew for each try. Resolves to whether an address has accepted it, or none takes such posts; never
   * rejects.
   */
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
        // A redirected POST becomes a GET, whose 200 would pass for an accepted report.
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (!response.ok) {
        log.warn({ url, status: response.status }, "the engine refused a report");
      }
      // Read only to free the connection: what was accepted stays so, even if the rest of the answer is lost.
      await response.arrayBuffer().catch(() => undefined);
      return response.ok;
    } catch (error) {
      log.warn({ url, reason: reasonOf(error) }, "the engine can't be reached");
      return false;
    }
  };
  return {
    post: async (path, body, { skip = [], signal } = {}) => {
      const takers = addresses.filter((address) => !skip.includes(address));
      for (const address of takers) {
        for (let attempt = 1; attempt <= tries; attempt += 1) {
          if (attempt > 1) {
            await sleep(gapMilliseconds, undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined);
          }
          if (signal?.aborted) {
            return false;
          }
          if (await tryOnce(`${address}/${path}/`, body(), signal)) {
            return true;
          }
        }
      }
      return takers.length === 0;
    },
  };
}
