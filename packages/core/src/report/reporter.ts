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
/** With nothing new, report all the same. The engine wants to hear something every 10 s; ticks and posts take their time. */
const idleMilliseconds = 8500;
const mostDeletionsAtOnce = 1000;
/** The one address that takes no deletes. */
const withoutDeletes = "https://cloud.vast.ai/api/v0";

export function createReporter({ identity, engine, ledger, state, clock, log }: ReporterOptions): Reporter {
  const stopping = new AbortController();
  const status = createLoop(clock, sendStatus);
  const deletes = createLoop(clock, sendDeletes);
  let changed = true;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let reportedLoadTime = 0;
  let disk: number | undefined;

  async function sendStatus(): Promise<boolean> {
    const isDue = clock.monotonic() - reportedAt >= idleMilliseconds;
    if (!(changed || isDue)) {
      return true;
    }
    changed = false;
    const used = await usedDisk().catch(() => disk ?? 0);
    let sent: { interval: Interval; loadTime: number } | undefined;
    const accepted = await engine.post(
      "worker_status",
      () => {
        const now = state();
        sent = { interval: ledger.interval(), loadTime: now.loadTime };
        return statusBody(now, sent.interval, used);
      },
      { signal: stopping.signal },
    );
    if (!accepted) {
      changed = true;
      return false;
    }
    // Without an engine there was nothing to send.
    if (sent) {
      ledger.accept(sent.interval);
      reportedLoadTime = sent.loadTime;
    }
    disk = used;
    reportedAt = clock.monotonic();
    return !changed;
  }

  function statusBody({ errorMessage, loadTime, perf }: ReportedState, interval: Interval, used: number): WorkerStatus {
    const indexes = ledger.workingRequestIndexes();
    return {
      ...identity,
      loadtime: loadTime === reportedLoadTime ? 0 : loadTime,
      cur_load: ledger.load,
      new_load: interval.received,
      cur_perf: interval.served,
      rej_load: interval.rejected,
      max_perf: perf,
      cur_capacity: 0,
      max_capacity: 0,
      error_msg: errorMessage,
      num_requests_working: indexes.length,
      num_requests_recieved: ledger.distinctReceived,
      working_request_idxs: indexes,
      additional_disk_usage: used - (disk ?? used),
      disk_usage: used,
    };
  }

  async function sendDeletes(): Promise<boolean> {
    // What ends meanwhile waits for the next tick, or a busy worker would post without a pause.
    for (let left = ledger.pendingDeletions; left > 0 && ledger.pendingDeletions > 0; ) {
      const batch = ledger.deletions(Math.min(left, mostDeletionsAtOnce));
      const body = { worker_id: identity.id, mtoken: identity.mtoken, requests: batch.map(toDeleteRequest) };
      const options = { skip: [withoutDeletes], signal: stopping.signal };
      if (!(await engine.post("delete_requests", () => body, options))) {
        return false;
      }
      ledger.acceptDeletions(batch);
      left -= batch.length;
    }
    return ledger.pendingDeletions === 0;
  }

  return {
    start: () => {
      status.wake();
      deletes.wake();
    },
    touch: () => {
      changed = true;
    },
    notify: () => {
      changed = true;
      status.wake();
    },
    stop: async (deadlineMilliseconds) => {
      const cancel = clock.after(deadlineMilliseconds, () => stopping.abort());
      changed = true;
      await Promise.all([status.stop(stopping.signal), deletes.stop(stopping.signal)]);
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
  /** Runs now, or as soon as the run under way is over, and every second from then on. */
  wake(): void;
  /** Runs no more by itself; runs until all is sent, or the signal aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

/** Calls `run` every second, never twice at a time. `run` says whether all is sent. */
function createLoop(clock: Clock, run: () => Promise<boolean>): Loop {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let cancelTick = () => {};
  const turn = async (): Promise<void> => {
    cancelTick();
    do {
      again = false;
      await run();
    } while (again && !stopped);
    running = undefined;
    if (!stopped) {
      cancelTick = clock.after(tickMilliseconds, wake);
    }
  };
  const wake = (): void => {
    if (running !== undefined) {
      again = true;
    } else if (!stopped) {
      running = turn();
    }
  };
  return {
    wake,
    stop: async (signal) => {
      stopped = true;
      cancelTick();
      await running;
      while (!(await run()) && !signal.aborted) {
        await pause(clock, signal);
      }
    },
  };
}

const pause = (clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(tickMilliseconds, resolve);
    signal.addEventListener("abort", () => resolve(cancel()), { once: true });
  });
