import { once } from "node:events";
import { connect } from "node:net";
import { type FakeEngine, type ReportBody, until } from "@pyworker/testing";
import type { WorkerUnderTest } from "./start-worker.ts";

/** Does something, and waits for a status that the engine accepts after it began. */
export async function statusAfter(
  { statuses }: FakeEngine,
  act: () => unknown,
  predicate: (status: ReportBody) => boolean = () => true,
): Promise<ReportBody> {
  const before = statuses.length;
  await act();
  return until(() => statuses.slice(before).find(predicate), {
    what: () => `a new status; the last was ${JSON.stringify(statuses.at(-1))}`,
  });
}

/** Whether the worker says of itself that it is in this state. */
export const isIn = async (worker: WorkerUnderTest, state: string): Promise<boolean> =>
  (await worker.metric("pyworker_state", { state }).catch(() => 0)) === 1;

/** Waits until the worker says of itself that it is in this state. */
export const inState = (worker: WorkerUnderTest, state: string): Promise<boolean> =>
  until(() => isIn(worker, state), {
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
