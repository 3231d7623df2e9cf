import { Agent, request } from "undici";

/** Watches whether the model server is well, on a connection of its own. */
export interface HealthProbe {
  /** Resolves at the next 200, and goes on polling. Before the first 200, silence is no failure. Rejects after 300 s, or when aborted. */
  waitUntilUp(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

interface HealthOptions {
  url: string;
  /** The model server is well again after `onDown`. */
  onUp(): void;
  /** It has failed as often in a row as the threshold says. */
  onDown(message: string): void;
  threshold?: number;
  intervalMilliseconds?: number;
  timeoutMilliseconds?: number;
  patienceMilliseconds?: number;
}

const loadingIntervalMilliseconds = 50;
const failingIntervalMilliseconds = 500;

export function createHealthProbe({
  url,
  onUp,
  onDown,
  threshold = 3,
  intervalMilliseconds = 10_000,
  timeoutMilliseconds = 10_000,
  patienceMilliseconds = 300_000,
}: HealthOptions): HealthProbe {
  const agent = new Agent({ connections: 1, keepAliveTimeout: 4000 });
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let hasBeenUp = false;
  let failures = 0;

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
    } else if (hasBeenUp) {
      failures += 1;
      if (failures === threshold) {
        onDown(failure);
      }
    }
    timer = setTimeout(probe, nextInterval());
    timer.unref();
  };

  const check = async (): Promise<string | undefined> => {
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMilliseconds)]);
      const { statusCode, body } = await request(url, { dispatcher: agent, signal });
      await body.dump();
      return statusCode === 200 ? undefined : `status ${statusCode}`;
    } catch (error) {
      return error instanceof Error ? error.message || error.name : String(error);
    }
  };

  const succeed = (): void => {
    const wasDown = failures >= threshold;
    hasBeenUp = true;
    failures = 0;
    for (const resolve of waiting) {
      resolve();
    }
    waiting.clear();
    if (wasDown) {
      onUp();
    }
  };

  const nextInterval = (): number => {
    if (!hasBeenUp || waiting.size > 0) {
      return loadingIntervalMilliseconds;
    }
    return failures > 0 ? failingIntervalMilliseconds : intervalMilliseconds;
  };

  return {
    waitUntilUp: (signal) =>
      new Promise((resolve, reject) => {
        const patience = setTimeout(() => end(() => reject(tooLong(patienceMilliseconds))), patienceMilliseconds);
        const abort = () => end(() => reject(signal.reason));
        const succeedNow = () => end(resolve);
        const end = (settle: () => void) => {
          clearTimeout(patience);
          signal.removeEventListener("abort", abort);
          waiting.delete(succeedNow);
          settle();
        };
        signal.addEventListener("abort", abort, { once: true });
        waiting.add(succeedNow);
        void probe();
      }),
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await agent.destroy();
    },
  };
}

const tooLong = (milliseconds: number): Error =>
  new Error(`the model server's health endpoint did not answer 200 within ${milliseconds / 1000} s`);
