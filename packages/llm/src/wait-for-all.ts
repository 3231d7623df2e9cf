/** Waits for the end of each, then throws what the first of them threw. */
export async function waitForAll(promises: readonly (Promise<void> | undefined)[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
