import { createPublicKey, type KeyObject } from "node:crypto";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";

/** The engine's public keys, one for each address that has one of its own. */
export interface PublicKeys {
  keys(): readonly KeyObject[];
  /** Fetches until there is a key. Resolves with the first; keeps trying until then or until `stop`. */
  start(): void;
  /** Fetches again, at most once a minute. Resolves to whether the keys have changed. */
  refresh(): Promise<boolean>;
  stop(): void;
}

interface PublicKeyOptions {
  addresses: readonly string[];
  clock: Clock;
  log: Logger;
  /** The keys have arrived, or have changed. */
  onKeys(): void;
  /** All of the first tries have failed. */
  onFailure(message: string): void;
}

const firstGaps = [1, 2, 4, 8];
const laterGapSeconds = 30;
const timeoutMilliseconds = 10_000;
const refreshSeconds = 60;

export function createPublicKeys({ addresses, clock, log, onKeys, onFailure }: PublicKeyOptions): PublicKeys {
  let pems: readonly string[] = [];
  let keys: readonly KeyObject[] = [];
  let refreshing: Promise<boolean> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let cancelRetry = () => {};
  let stopped = false;

  const fetchAll = async (): Promise<boolean> => {
    const results = await Promise.all(addresses.map((address) => fetchPem(address, log)));
    const found = [...new Set(results.filter((pem) => pem !== undefined))];
    if (found.length === 0 || found.join() === pems.join()) {
      return false;
    }
    pems = found;
    keys = found.map((pem) => createPublicKey(pem));
    onKeys();
    return true;
  };

  const attempt = async (tries: number): Promise<void> => {
    if (stopped || (await fetchAll()) || stopped) {
      return;
    }
    if (tries === firstGaps.length) {
      onFailure(`no public key from ${addresses.join(", ")} after ${tries + 1} tries`);
    }
    cancelRetry = clock.after((firstGaps[tries] ?? laterGapSeconds) * 1000, () => void attempt(tries + 1));
  };

  return {
    keys: () => keys,
    start: () => void attempt(0),
    refresh: () => {
      if (refreshing === undefined && clock.monotonic() / 1000 - refreshedAt >= refreshSeconds) {
        refreshedAt = clock.monotonic() / 1000;
        refreshing = fetchAll().finally(() => {
          refreshing = undefined;
        });
      }
      return refreshing ?? Promise.resolve(false);
    },
    stop: () => {
      stopped = true;
      cancelRetry();
    },
  };
}

async function fetchPem(address: string, log: Logger): Promise<string | undefined> {
  const url = `${address}/pubkey/`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    const pem = (await response.text()).trim();
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    createPublicKey(pem);
    return pem;
  } catch (error) {
    log.warn({ url, reason: String(error) }, "no public key");
    return undefined;
  }
}
