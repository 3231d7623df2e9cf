import type { Clock } from "@pyworker/core";

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
  /** Callbacks that are still to come. */
  readonly pending: number;
}

export function createManualClock(): ManualClock {
  const timers = new Set<{ at: number; callback: () => void }>();
  let time = 0;
  const nextDue = (until: number) => {
    const due = [...timers].filter(({ at }) => at <= until);
    return due.sort((left, right) => left.at - right.at)[0];
  };
  return {
    now: () => time / 1000,
    monotonic: () => time,
    after: (milliseconds, callback) => {
      const timer = { at: time + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const until = time + milliseconds;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        time = Math.max(time, timer.at);
        timer.callback();
      }
      time = until;
    },
    get pending() {
      return timers.size;
    },
  };
}
