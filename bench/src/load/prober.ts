import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "./latency.ts";

/** Sends one small request after another, and keeps how many milliseconds each took. */
export interface Prober {
  /** What came since it was last asked. */
  take(): number[];
  /** Resolves to what came since then. Rejects where a request has failed. */
  stop(): Promise<number[]>;
}

export function startProber(url: string, { body, path }: { body: Buffer; path: string }): Prober {
  const connection = openConnection(url, path);
  let latencies: number[] = [];
  let isStopping = false;
  const probe = async (): Promise<void> => {
    while (!isStopping) {
      latencies.push(await connection.post(body));
      await sleep(1);
    }
  };
  const done = probe();
  // Whoever calls `stop` hears of a failure; until then it is nobody's.
  done.catch(() => {});
  const take = (): number[] => {
    const taken = latencies;
    latencies = [];
    return taken;
  };
  return {
    take,
    stop: async () => {
      isStopping = true;
      await done.finally(() => connection.close());
      return take();
    },
  };
}
