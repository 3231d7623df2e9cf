import type { Logger } from "pino";
import type { Clock } from "../clock.ts";

/** Logs refused signatures, at most one line in ten seconds: whoever floods a worker must not fill its disk as well. */
export interface RefusalLog {
  note(reason: string): void;
}

const quietMilliseconds = 10_000;

export function createRefusalLog({ clock, log }: { clock: Clock; log: Logger }): RefusalLog {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let unlogged = 0;
  return {
    note: (reason) => {
      if (clock.monotonic() - loggedAt < quietMilliseconds) {
        unlogged += 1;
        return;
      }
      log.warn({ reason, unlogged }, "signature refused");
      loggedAt = clock.monotonic();
      unlogged = 0;
    },
  };
}
