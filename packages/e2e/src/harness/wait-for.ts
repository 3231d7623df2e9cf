import { once } from "node:events";
import { connect } from "node:net";
import { type FakeEngine, type ReportBody, until } from "@pyworker/testing";
import type { WorkerUnderTest } from "./start-worker.ts";

/** Waits for an accepted status that comes after this call. */
export function nextStatus(
  { statuses }: FakeEngine,
  predicate: (status: ReportBody) => boolean = () => true,
  timeoutMs = 10_000,
): Promise<ReportBody> {
  const before = statuses.length;
  return until(() => statuses.slice(before).find(predicate), {
    timeoutMs,
    what: () => `a new status; the last was ${JSON.stringify(statuses.at(-1))}`,
  });
}

/** Waits until the worker says of itself that it is in this state. */
export const inState = (worker: WorkerUnderTest, state: string, timeoutMs = 10_000): Promise<boolean> =>
  until(async () => (await worker.metric("pyworker_state", { state }).catch(() => 0)) === 1, {
    timeoutMs,
    what: () => `the state "${state}"; the worker said:\n${worker.process.output()}`,
  });

/** Waits until the worker's output holds a text. */
export const said = (worker: WorkerUnderTest, text: string): Promise<boolean> =>
  until(() => worker.process.output().includes(text), {
    what: () => `"${text}"; the worker said:\n${worker.process.output()}`,
  });

/** Whether something listens there. */
export async function accepts(port: number, host = "127.0.0.1"): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
