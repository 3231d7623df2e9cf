import { setTimeout as sleep } from "node:timers/promises";
import { usedDisk } from "./disk-usage.ts";
import type { EngineClient } from "./engine-client.ts";
import type { Identity } from "./reporter.ts";
import type { WorkerStatus } from "./wire.ts";

/** Tells the engine of an error when there is no worker to do so: one that can't start must not die silently. */
export interface Beacon {
  /** Reports every 10 s until aborted. Never rejects. */
  reportUntil(signal: AbortSignal, errorMessage: string): Promise<void>;
  /** Reports, and gives up after 5 s. Never rejects. */
  reportOnce(errorMessage: string): Promise<void>;
}

interface BeaconOptions {
  identity: Identity;
  engine: EngineClient;
  intervalMilliseconds?: number;
}

const hurryMilliseconds = 5000;

export function createBeacon({ identity, engine, intervalMilliseconds = 10_000 }: BeaconOptions): Beacon {
  const report = async (signal: AbortSignal, errorMessage: string): Promise<void> => {
    const body: WorkerStatus = {
      ...identity,
      loadtime: 0,
      cur_load: 0,
      new_load: 0,
      cur_perf: 0,
      rej_load: 0,
      max_perf: 0,
      cur_capacity: 0,
      max_capacity: 0,
      error_msg: errorMessage,
      num_requests_working: 0,
      num_requests_recieved: 0,
      working_request_idxs: [],
      additional_disk_usage: 0,
      disk_usage: await usedDisk().catch(() => 0),
    };
    await engine.post("worker_status", () => body, { signal });
  };
  return {
    reportUntil: async (signal, errorMessage) => {
      while (!signal.aborted) {
        await report(signal, errorMessage);
        await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
      }
    },
    reportOnce: (errorMessage) => report(AbortSignal.timeout(hurryMilliseconds), errorMessage),
  };
}
