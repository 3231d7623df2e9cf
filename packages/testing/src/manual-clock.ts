/** A clock that stands still until told to advance. Starts at a Unix time of 0. */
export interface ManualClock {
  /** Seconds. */
  now(): number;
  /** Milliseconds. */
  monotonic(): number;
  /** Calls back when so much time has passed; returns the function that calls it off. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Lets so much time pass, and calls back whoever waited for it, in order. */
  advance(milliseconds: number): void;
  /** Callbacks that are waited for. */
  readonly waiting: number;
}

export function manualClock(): ManualClock {
  const timers = new Set<{ at: number; callback: () => void }>();
  let time = 0;
  const nextDue = (end: number) =>
    [...timers].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0];
  return {
    now: () => time / 1000,
    monotonic: () => time,
    after: (milliseconds, callback) => {
      const timer = { at: time + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const end = time + milliseconds;
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        timers.delete(timer);
        time = timer.at;
        timer.callback();
      }
      time = end;
    },
    get waiting() {
      return timers.size;
    },
  };
}
