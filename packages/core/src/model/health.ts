import { Agent, request } from "undici";
import { reasonOf } from "../reason-of.ts";

/** Watches whether the model server is well, on a connection of its own. */
export interface HealthProbe {
  /** Resolves at the next 200, and goes on polling. Before the first 200, silence is no failure. Rejects after 300 s, or when aborted. */
  waitUntilUp(signal: AbortSignal): Promise<void>;
  /** Probes once. Resolves to what is wrong, or to undefined. */
  check(): Promise<string | undefined>;
  /** Something else says that the model has failed: it counts as well again once it answers 200 after 10 s. */
  distrust(): void;
  /** The same, but it counts as well again only once it has not answered in between. */
  distrustUntilDown(): void;
  /** Ends all polling; who still waits is rejected. */
  stop(): Promise<void>;
}

interface HealthOptions {
  /** Asked before each probe. */
  url: () => string;
  /** The model server is well again, after `onDown` or after nobody could wait for it any longer. */
  onUp(): void;
  /** It has failed as often in a row as the threshold says. */
  onDown(message: string): void;
  threshold?: number;
  intervalMilliseconds?: number;
  timeoutMilliseconds?: number;
  patienceMilliseconds?: number;
  distrustMilliseconds?: number;
}

const loadingIntervalMilliseconds = 50;
const failingIntervalMilliseconds = 500;
const defaultDistrustMilliseconds = 10_000;

export function createHealthProbe({
  url,
  onUp,
  onDown,
  threshold = 3,
  intervalMilliseconds = 10_000,
  timeoutMilliseconds = 10_000,
  patienceMilliseconds = 300_000,
  distrustMilliseconds = defaultDistrustMilliseconds,
}: HealthOptions): HealthProbe {
  const agent = new Agent({ connections: 1, keepAliveTimeout: 4000 });
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let hasBeenUp = false;
  let isDown = false;
  let failures = 0;
  let distrustedUntil: number | undefined;

  const probe = async (): Promise<void> => {
    if (probing) {
      return;
    }
    clearTimeout(timer);
    probing = true;
    const failure = await check();
    probing = false;
    if (stopping.signal.aborted) {
      return;
    }
    if (failure === undefined) {
      succeed();
    } else {
      fail(failure);
    }
    timer = setTimeout(probe, nextInterval());
    timer.unref();
  };

  const check = async (): Promise<string | undefined> => {
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMilliseconds)]);
      const { statusCode, body } = await request(url(), { dispatcher: agent, signal });
      // Read only to free the connection: the status has said it all.
      await body.dump().catch(() => undefined);
      return statusCode === 200 ? undefined : `status ${statusCode}`;
    } catch (error) {
      return reasonOf(error);
    }
  };

  const succeed = (): void => {
    hasBeenUp = true;
    failures = 0;
    if (waiting.size > 0) {
      // Who waits knows of a new beginning: what was said before counts no more.
      distrustedUntil = undefined;
    }
    for (const resolve of waiting) {
      resolve();
    }
    if (distrustedUntil !== undefined && performance.now() < distrustedUntil) {
      return;
    }
    const hasRecovered = isDown || distrustedUntil !== undefined;
    isDown = false;
    distrustedUntil = undefined;
    if (hasRecovered) {
      onUp();
    }
  };

  const fail = (failure: string): void => {
    if (!hasBeenUp) {
      return;
    }
    failures += 1;
    if (distrustedUntil === Number.POSITIVE_INFINITY) {
      distrustedUntil = performance.now();
    }
    if (failures >= threshold && !isDown) {
      isDown = true;
      onDown(failure);
    }
  };

  const nextInterval = (): number => {
    const isWell = hasBeenUp && failures === 0 && distrustedUntil === undefined;
    const hurry = waiting.size > 0 ? loadingIntervalMilliseconds : failingIntervalMilliseconds;
    return isWell && waiting.size === 0 ? intervalMilliseconds : Math.min(hurry, intervalMilliseconds);
  };

  const waitUntilUp = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const ending = AbortSignal.any([signal, stopping.signal]);
      const end = (settle: () => void) => {
        clearTimeout(patience);
        ending.removeEventListener("abort", abort);
        waiting.delete(succeedNow);
        settle();
      };
      const abort = () => end(() => reject(ending.reason));
      const succeedNow = () => end(resolve);
      const patience = setTimeout(() => {
        isDown = true;
        end(() => reject(tooLong(patienceMilliseconds)));
      }, patienceMilliseconds);
      if (ending.aborted) {
        abort();
        return;
      }
      ending.addEventListener("abort", abort, { once: true });
      waiting.add(succeedNow);
      void probe();
    });

  const distrust = (until: number): void => {
    distrustedUntil = Math.max(until, distrustedUntil ?? 0);
    if (hasBeenUp) {
      void probe();
    }
  };

  return {
    waitUntilUp,
    check,
    distrust: () => distrust(performance.now() + distrustMilliseconds),
    distrustUntilDown: () => distrust(Number.POSITIVE_INFINITY),
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await agent.destroy();
    },
  };
}

const tooLong = (milliseconds: number): Error =>
  new Error(`the model server's health endpoint did not answer 200 within ${milliseconds / 1000} s`);
