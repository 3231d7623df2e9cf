import type { Registry } from "../registry.ts";

/** A worker that couldn't be told to update. */
export interface FailedUpdate {
  id: number;
  reason: string;
}

const timeoutMilliseconds = 10_000;

/** Tells every worker that still reports to update itself at its next start. Resolves to those that didn't accept. */
export async function updateWorkers(registry: Registry): Promise<FailedUpdate[]> {
  const workers = registry.all().filter(({ status }) => status !== "stale");
  const reasons = await Promise.all(workers.map(({ id, url }) => updateWorker(url, registry.token(id))));
  return workers.flatMap(({ id }, index) => {
    const reason = reasons[index];
    return reason === undefined ? [] : [{ id, reason }];
  });
}

/** Resolves to what went wrong, if anything did. */
async function updateWorker(url: string, token: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL("/pyworker/update", url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    return `it can't be reached: ${error instanceof Error ? error.message : String(error)}`;
  }
}
