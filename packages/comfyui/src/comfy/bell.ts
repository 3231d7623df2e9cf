import type { Clock } from "@pyworker/core";
import { pause } from "./pause.ts";

/** Ends a wait early. */
export interface Bell {
  ring(): void;
  /** Waits for so many milliseconds or until it rings, or has rung since the last wait; resolves with whether it has. Rejects when `signal` aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<boolean>;
}

export function createBell(clock: Clock): Bell {
  let ringing = new AbortController();
  return {
    ring: () => ringing.abort(),
    wait: async (milliseconds, signal) => {
      try {
        await pause(clock, milliseconds, AbortSignal.any([signal, ringing.signal]));
        return false;
      } catch {
        signal.throwIfAborted();
        ringing = new AbortController();
        return true;
      }
    },
  };
}
