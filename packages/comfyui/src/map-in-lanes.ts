interface LaneOptions<Value, Result> {
  /** How many values are worked on at a time. */
  lanes: number;
  signal: AbortSignal;
  /** Its signal aborts with the caller's, and when the work on another value has failed. */
  work: (value: Value, signal: AbortSignal) => Promise<Result>;
}

/** Maps values in their order, several at a time. Rejects with the first failure once nothing is under way any more. */
export async function mapInLanes<Value, Result>(
  values: readonly Value[],
  { lanes, signal, work }: LaneOptions<Value, Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results: Result[] = [];
  const left = values.entries();
  const lane = async () => {
    for (const [index, value] of left) {
      either.throwIfAborted();
      results[index] = await work(value, either);
    }
  };
  const guarded = async () => {
    try {
      await lane();
    } catch (error) {
      failure.abort(error);
    }
  };
  await Promise.all(Array.from({ length: lanes }, guarded));
  signal.throwIfAborted();
  failure.signal.throwIfAborted();
  return results;
}
