/** Where time comes from. Injected, so that tests decide what time it is. */
export interface Clock {
  /** Unix time in seconds, as the engine and the reports speak it. */
  now(): number;
  /** Milliseconds that only ever grow; for durations. */
  monotonic(): number;
  /** Calls back once after so many milliseconds; returns the function that calls it off. Never keeps the process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** 25 days; Node takes anything beyond for nothing. */
const longestTimerMilliseconds = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  monotonic: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(milliseconds, longestTimerMilliseconds));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
