import { setTimeout as sleep } from "node:timers/promises";
import { usedDisk } from "./disk-usage.ts";
import type { EngineClient } from "./engine-client.ts";
import type { Identity } from "./reporter.ts";
import type { WorkerStatus } from "./wire.ts";

interface BeaconOptions {
  identity: Identity;
  engine: EngineClient;
  errorMessage: string;
  signal: AbortSignal;
}

const intervalMilliseconds = 10_000;

/** Reports an error every 10 s until aborted: a worker that can't start must not die silently. */
export async function runBeacon({ identity, engine, errorMessage, signal }: BeaconOptions): Promise<void> {
  while (!signal.aborted) {
    const disk = await usedDisk().catch(() => 0);
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
      disk_usage: disk,
    };
    await engine.post("worker_status", () => body, { signal });
    await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}
