import type { Clock } from "@pyworker/core";
import type { TokenCount, TokenCounter } from "@pyworker/tokens";

/** Counts prompts behind the requests' backs: the requests were admitted by an estimate long ago. */
export interface CountQueue {
  /**
   * Counts `texts` by and by, and calls back with their tokens, unless it's called off before by the function returned.
   * When too many wait already, it never calls back.
   */
  add(texts: readonly string[], onCounted: (tokens: number) => void): () => void;
}

interface CountQueueOptions {
  counter: TokenCounter;
  clock: Clock;
  /** An answer that comes sooner than this brings its own count. */
  delayMilliseconds?: number;
  /** The event loop is held for so long, */
  sliceMilliseconds?: number;
  /** and left alone for so long in between. */
  restMilliseconds?: number;
  mostWaiting?: number;
}

interface Entry {
  texts: readonly string[];
  dueAt: number;
  count: TokenCount | undefined;
  onCounted(tokens: number): void;
}

/** One for a worker: first come, first counted, a slice at a time. */
export function createCountQueue({
  counter,
  clock,
  delayMilliseconds = 50,
  sliceMilliseconds = 4,
  restMilliseconds = 8,
  mostWaiting = 1000,
}: CountQueueOptions): CountQueue {
  const waiting = new Set<Entry>();
  let isScheduled = false;

  const schedule = (milliseconds: number): void => {
    isScheduled = true;
    clock.after(milliseconds, work);
  };

  const work = (): void => {
    isScheduled = false;
    const deadline = clock.monotonic() + sliceMilliseconds;
    for (const entry of waiting) {
      const now = clock.monotonic();
      if (entry.dueAt > now) {
        schedule(Math.max(entry.dueAt - now, restMilliseconds));
        return;
      }
      entry.count ??= counter.start(entry.texts);
      if (!entry.count.advance(deadline - now)) {
        schedule(restMilliseconds);
        return;
      }
      waiting.delete(entry);
      entry.onCounted(entry.count.tokens);
    }
  };

  return {
    add: (texts, onCounted) => {
      if (waiting.size >= mostWaiting) {
        return () => {};
      }
      const entry = { texts, dueAt: clock.monotonic() + delayMilliseconds, count: undefined, onCounted };
      waiting.add(entry);
      if (!isScheduled) {
        schedule(delayMilliseconds);
      }
      return () => {
        waiting.delete(entry);
      };
    },
  };
}
