import type { Clock } from "./clock.ts";

/** How a wait for one's turn ends: "turn" must be followed by one call of `leave`. */
export type TurnResult = "turn" | "expired" | "aborted";

interface Waiter {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  resolve(result: TurnResult): void;
}

/** A first-in-first-out gate that lets `limit` requests through at a time. Every operation is O(1). */
export class Gate {
  readonly #limit: number;
  readonly #clock: Clock;
  #inside = 0;
  #first: Waiter | undefined;
  #last: Waiter | undefined;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Waits for a place; at most `maxSeconds` (null: without end), and not beyond the signal's abort. */
  enter({ maxSeconds, signal }: { maxSeconds: number | null; signal: AbortSignal }): Promise<TurnResult> {
    if (signal.aborted) {
      return Promise.resolve("aborted");
    }
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return Promise.resolve("turn");
    }
    return new Promise((resolve) => {
      const waiter: Waiter = {
        previous: this.#last,
        next: undefined,
        resolve: (result) => {
          cancelDeadline();
          signal.removeEventListener("abort", abort);
          resolve(result);
        },
      };
      const giveUp = (result: TurnResult) => {
        this.#remove(waiter);
        waiter.resolve(result);
      };
      const abort = () => giveUp("aborted");
      const cancelDeadline =
        maxSeconds === null ? () => {} : this.#clock.after(maxSeconds * 1000, () => giveUp("expired"));
      signal.addEventListener("abort", abort, { once: true });
      this.#append(waiter);
    });
  }

  /** Gives the place back; the first in line gets it. */
  leave(): void {
    const next = this.#first;
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    this.#remove(next);
    next.resolve("turn");
  }

  #append(waiter: Waiter): void {
    if (this.#last === undefined) {
      this.#first = waiter;
    } else {
      this.#last.next = waiter;
    }
    this.#last = waiter;
  }

  #remove({ previous, next }: Waiter): void {
    if (previous === undefined) {
      this.#first = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.#last = previous;
    } else {
      next.previous = previous;
    }
  }
}

const smallestPerf = 0.00001;

/** Seconds until work of this size is done at `perf` workload per second. */
export const expectedWait = (workload: number, perf: number): number => workload / Math.max(perf, smallestPerf);

/** The value of a `Retry-After` header: whole seconds, at least one. */
export const retryAfter = (seconds: number): string => String(Math.min(Math.max(Math.ceil(seconds), 1), 86_400));

/** The gates of a worker: one for all serial handlers, one each for those with a limit of their own. */
export interface Gates {
  /** Undefined where requests are forwarded at once. */
  for(route: string, allowParallelRequests: boolean | number): Gate | undefined;
}

export function createGates(clock: Clock): Gates {
  const serial = new Gate(1, clock);
  const limited = new Map<string, Gate>();
  return {
    for: (route, allowParallelRequests) => {
      if (typeof allowParallelRequests === "boolean") {
        return allowParallelRequests ? undefined : serial;
      }
      const gate = limited.get(route) ?? new Gate(allowParallelRequests, clock);
      limited.set(route, gate);
      return gate;
    },
  };
}
