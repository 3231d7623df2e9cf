import type { Gate } from "../admission.ts";
import type { LedgerEntry } from "../ledger.ts";
import type { Job } from "./job.ts";
import { queueFull } from "./queue-full.ts";
import type { Services } from "./services.ts";

/** A job's place in the queue. */
export interface Place {
  /** Takes it, at the first call, and resolves when the job's turn has come. Throws WorkerError 429, or the signal's reason. */
  turn(): Promise<void>;
  /** Gives it to the next one. */
  release(): void;
}

/** Places in no queue are free at once. */
export function takePlace(services: Services, job: Job, entry: LedgerEntry): Place {
  const start = () => services.ledger.start(entry);
  const gate = services.gates.for(job.route, job.allowParallelRequests);
  if (gate === undefined) {
    return { turn: async () => start(), release: () => {} };
  }
  const place = placeIn(gate, services, job);
  const enter = async (): Promise<void> => {
    if (await place.enter()) {
      start();
    }
  };
  let turn: Promise<void> | undefined;
  return {
    turn: () => {
      turn ??= enter();
      // Who takes a place may be gone when its turn comes.
      turn.catch(() => {});
      return turn;
    },
    release: place.leave,
  };
}

function placeIn(gate: Gate, services: Services, { maxQueueTime: maxSeconds, route, signal }: Job) {
  const { clock, telemetry } = services;
  const leaving = new AbortController();
  let isInside = false;
  return {
    /** Resolves to whether the turn has come; false where the place was left before. */
    enter: async (): Promise<boolean> => {
      const arrivedAt = clock.monotonic();
      const result = await gate.enter({ maxSeconds, signal: AbortSignal.any([signal, leaving.signal]) });
      if (leaving.signal.aborted) {
        if (result === "turn") {
          gate.leave();
        }
        return false;
      }
      isInside = result === "turn";
      if (result === "expired") {
        throw queueFull(services, "no turn came within maxQueueTime");
      }
      signal.throwIfAborted();
      telemetry.observeWait(route, (clock.monotonic() - arrivedAt) / 1000);
      return true;
    },
    leave: (): void => {
      leaving.abort();
      if (isInside) {
        isInside = false;
        gate.leave();
      }
    },
  };
}
