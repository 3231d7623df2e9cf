interface ForEachLimitedOptions {
  /** How many at once. */
  limit: number;
  signal?: AbortSignal | undefined;
}

/** Works on all items, a few at once. Once one fails, the others' signal is aborted; rejects with that failure when all have ended. */
export async function forEachLimited<Item>(
  items: Iterable<Item>,
  { limit, signal }: ForEachLimitedOptions,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const queue = [...items].values();
  const drain = async () => {
    for (const item of queue) {
      stop.throwIfAborted();
      await work(item, stop);
    }
  };
  const workers = Array.from({ length: limit }, () =>
    drain().catch((error: unknown) => {
      failure.abort(error);
    }),
  );
  await Promise.all(workers);
  failure.signal.throwIfAborted();
}
