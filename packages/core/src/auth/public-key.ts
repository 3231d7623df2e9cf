import { createPublicKey, type KeyObject } from "node:crypto";
import type { Logger } from "pino";
import { fetch } from "undici";
import type { Clock } from "../clock.ts";
import { reasonOf } from "../reason-of.ts";

/** The engine's public keys, one for each address that has one of its own. */
export interface PublicKeys {
  keys(): readonly KeyObject[];
  /** Fetches until there is a key, or until `stop`. */
  start(): void;
  /** Fetches again, at most once a minute. Resolves to whether a key has changed. */
  refresh(): Promise<boolean>;
  stop(): void;
}

interface PublicKeyOptions {
  addresses: readonly string[];
  clock: Clock;
  log: Logger;
  /** A key has arrived, or has changed. */
  onKeys(): void;
  /** All of the first tries have failed. */
  onFailure(message: string): void;
  timeoutMilliseconds?: number;
}

interface PublicKey {
  pem: string;
  key: KeyObject;
}

const firstGaps = [1, 2, 4, 8];
const laterGapSeconds = 10;
const refreshSeconds = 60;

export function createPublicKeys({
  addresses,
  clock,
  log,
  onKeys,
  onFailure,
  timeoutMilliseconds = 10_000,
}: PublicKeyOptions): PublicKeys {
  const byAddress = new Map<string, PublicKey>();
  const stopping = new AbortController();
  let keys: readonly KeyObject[] = [];
  let refreshing: Promise<boolean> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let cancelRetry = () => {};

  /** Each key counts as it comes: one silent address holds up no other, and keeps the key it gave before. */
  const fetchFrom = async (address: string): Promise<boolean> => {
    const url = `${address}/pubkey/`;
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMilliseconds)]);
      const found = await fetchKey(url, signal);
      if (stopping.signal.aborted || found.pem === byAddress.get(address)?.pem) {
        return false;
      }
      byAddress.set(address, found);
      keys = [...new Map([...byAddress.values()].map(({ key, pem }) => [pem, key])).values()];
      log.info({ url }, "public key");
      onKeys();
      return true;
    } catch (error) {
      if (!stopping.signal.aborted) {
        log.warn({ url, reason: reasonOf(error) }, "no public key");
      }
      return false;
    }
  };

  const fetchAll = async (): Promise<boolean> => (await Promise.all(addresses.map(fetchFrom))).includes(true);

  const attempt = async (tries: number): Promise<void> => {
    await fetchAll();
    if (stopping.signal.aborted || keys.length > 0) {
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
      stopping.abort();
      cancelRetry();
    },
  };
}

/** The key that a URL answers with. Rejects where that is none, or not of the kind that signatures are made with. */
export async function fetchKey(url: string, signal: AbortSignal): Promise<PublicKey> {
  const response = await fetch(url, { signal });
  const pem = (await response.text()).trim();
  if (!response.ok) {
    throw new Error(`status ${response.status}`);
  }
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== "rsa") {
    throw new Error(`expected an RSA key, found ${key.asymmetricKeyType}`);
  }
  return { pem, key };
}
