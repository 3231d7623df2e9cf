import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Deletion, Interval, Ledger } from "../ledger.ts";
import { usedDisk } from "./disk-usage.ts";
import type { EngineClient } from "./engine-client.ts";
import type { DeleteRequests, WorkerStatus } from "./wire.ts";

/** Who reports: the fields of a report that never change. */
export interface Identity {
  id: number;
  mtoken: string;
  version: string;
  url: string;
}

/** What the worker's lifecycle contributes to a report. */
export interface ReportedState {
  /** Seconds from start to ready; 0 while loading. */
  loadTime: number;
  perf: number;
  errorMessage: string;
}

interface ReporterOptions {
  identity: Identity;
  engine: EngineClient;
  ledger: Ledger;
  state: () => ReportedState;
  clock: Clock;
  log: Logger;
}

/** Tells the engine of load and capacity, and of every request that has ended. */
export interface Reporter {
  start(): void;
  /** Something has changed: the next report comes within a second. */
  touch(): void;
  /** The state has changed: report at once. */
  notify(): void;
  /** Sends what is left. Resolves when all of it was accepted, or after the deadline. */
  stop(deadlineMilliseconds: number): Promise<void>;
}

const tickMilliseconds = 1000;
const idleMilliseconds = 10_000;
const mostDeletionsAtOnce = 1000;
/** The one address that takes no deletes. */
const withoutDeletes = "https://cloud.vast.ai/api/v0";

export function createReporter({ identity, engine, ledger, state, clock, log }: ReporterOptions): Reporter {
  const stopping = new AbortController();
  const status = createLoop(clock, sendStatus);
  const deletes = createLoop(clock, sendDeletes);
  let changed = true;
  let urgent = false;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let reportedLoadTime = 0;
  let disk: number | undefined;

  async function sendStatus(): Promise<void> {
    const isDue = clock.monotonic() - reportedAt >= idleMilliseconds;
    if (!(changed || urgent || isDue)) {
      return;
    }
    changed = false;
    urgent = false;
    const used = await usedDisk().catch(() => disk ?? 0);
    let sent: { interval: Interval; loadTime: number } | undefined;
    const accepted = await engine.post(
      "worker_status",
      () => {
        const { errorMessage, loadTime, perf } = state();
        sent = { interval: ledger.interval(), loadTime };
        return statusBody({ errorMessage, perf, loadtime: loadTime === reportedLoadTime ? 0 : loadTime, used });
      },
      { signal: stopping.signal },
    );
    if (accepted && sent) {
      ledger.accept(sent.interval);
      reportedLoadTime = sent.loadTime;
      disk = used;
      reportedAt = clock.monotonic();
    } else {
      changed = true;
    }
  }

  function statusBody(now: { errorMessage: string; perf: number; loadtime: number; used: number }): WorkerStatus {
    const { received, served, rejected } = ledger.interval();
    const indexes = ledger.workingRequestIndexes();
    return {
      ...identity,
      loadtime: now.loadtime,
      cur_load: ledger.load,
      new_load: received,
      cur_perf: served,
      rej_load: rejected,
      max_perf: now.perf,
      cur_capacity: 0,
      max_capacity: 0,
      error_msg: now.errorMessage,
      num_requests_working: indexes.length,
      num_requests_recieved: ledger.distinctReceived,
      working_request_idxs: indexes,
      additional_disk_usage: now.used - (disk ?? now.used),
      disk_usage: now.used,
    };
  }

  async function sendDeletes(): Promise<void> {
    while (ledger.pendingDeletions > 0) {
      const batch = ledger.deletions(mostDeletionsAtOnce);
      const body = { worker_id: identity.id, mtoken: identity.mtoken, requests: batch.map(toDeleteRequest) };
      const options = { skip: [withoutDeletes], signal: stopping.signal };
      if (!(await engine.post("delete_requests", () => body, options))) {
        return;
      }
      ledger.acceptDeletions(batch.length);
    }
  }

  return {
    start: () => {
      status.start();
      deletes.start();
    },
    touch: () => {
      changed = true;
    },
    notify: () => {
      urgent = true;
      status.wake();
    },
    stop: async (deadlineMilliseconds) => {
      const cancel = clock.after(deadlineMilliseconds, () => stopping.abort());
      urgent = true;
      await Promise.all([status.stop(), deletes.stop()]);
      cancel();
      if (ledger.pendingDeletions > 0) {
        log.warn({ requests: ledger.pendingDeletions }, "stopped before the engine heard of all ended requests");
      }
    },
  };
}

const toDeleteRequest = (deletion: Deletion): DeleteRequests["requests"][number] => ({
  request_idx: deletion.requestIdx,
  success: deletion.status === "Success" || deletion.status === "Cancelled",
  status: deletion.status,
  entered_queue_at: deletion.enteredAt,
  work_started_at: deletion.startedAt,
  work_completed_at: deletion.completedAt,
});

interface Loop {
  start(): void;
  /** Runs now, or as soon as the run under way is over. */
  wake(): void;
  /** Runs once more and no further. */
  stop(): Promise<void>;
}

/** Calls `run` every second, never twice at a time. */
function createLoop(clock: Clock, run: () => Promise<void>): Loop {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let cancelTick = () => {};
  const turn = (): Promise<void> => {
    cancelTick();
    again = false;
    running = run().finally(() => {
      running = undefined;
      if (again) {
        return turn();
      }
      if (!stopped) {
        cancelTick = clock.after(tickMilliseconds, () => void turn());
      }
      return undefined;
    });
    return running;
  };
  return {
    start: () => void turn(),
    wake: () => {
      if (running) {
        again = true;
      } else if (!stopped) {
        void turn();
      }
    },
    stop: async () => {
      stopped = true;
      cancelTick();
      await running;
      await turn();
    },
  };
}
