import type { Clock } from "./clock.ts";
import { Queue } from "./queue.ts";

/** How a request ended. A refusal of our own is Rejected, a departure of the client Cancelled. */
export type Outcome = "Success" | "Error" | "Cancelled" | "Rejected";

/** What the books need to know of a request. In-session requests count as workload, not as requests. */
export interface LedgerRequest {
  requestIdx: number;
  reqnum: number;
  workload: number;
  kind: "request" | "session" | "in-session";
}

/** A request in progress or waiting. */
export interface LedgerEntry extends LedgerRequest {
  readonly enteredAt: number;
  startedAt: number;
  /** How much of the workload is still to be done, as far as is known. */
  remaining: number;
  isOpen: boolean;
}

/** An ended request, as the engine is told of it. Times are Unix seconds. */
export interface Deletion {
  requestIdx: number;
  status: Outcome;
  enteredAt: number;
  startedAt: number;
  completedAt: number;
}

/** Workload sums since the last accepted report. */
export interface Interval {
  received: number;
  served: number;
  rejected: number;
}

const rememberedReqnums = 10_000;
const mostDeletions = 1_000_000;
/** No request weighs more: a client's 1e308 would make the sums infinite, and drown everybody else's share of them. */
const mostWorkload = 1e12;

/** The books: every workload that came in leaves again, to the last unit. Knows nothing of HTTP; all of it is O(1). */
export class Ledger {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #open = new Set<LedgerEntry>();
  /** Two generations: a Set that loses its oldest member with every new one looks through all that it lost. */
  #reqnums = new Set<number>();
  #olderReqnums = new Set<number>();
  #load = 0;
  #queuedWorkload = 0;
  #distinct = 0;
  #interval: Interval = { received: 0, served: 0, rejected: 0 };
  readonly #deletions = new Queue<Deletion>();
  #dropped = 0;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** What is still to be done of all that is in progress or waiting, sessions included. */
  get load(): number {
    return Math.max(this.#load, 0);
  }

  /** The same without sessions: what a new request waits for. */
  get queuedWorkload(): number {
    return Math.max(this.#queuedWorkload, 0);
  }

  /** Distinct reqnums since the start; one that comes again after twenty thousand others may count again. */
  get distinctReceived(): number {
    return this.#distinct;
  }

  /** Deletions lost because the engine has been away for a million of them. */
  get droppedDeletions(): number {
    return this.#dropped;
  }

  get pendingDeletions(): number {
    return this.#deletions.size;
  }

  /** `request_idx` of all requests in progress or waiting. */
  workingRequestIndexes(): number[] {
    const indexes: number[] = [];
    for (const { kind, requestIdx } of this.#open) {
      if (kind !== "in-session") {
        indexes.push(requestIdx);
      }
    }
    return indexes;
  }

  open(request: LedgerRequest): LedgerEntry {
    const workload = Math.min(request.workload, mostWorkload);
    const entry = {
      ...request,
      workload,
      enteredAt: this.#clock.now(),
      startedAt: 0,
      remaining: workload,
      isOpen: true,
    };
    this.#open.add(entry);
    this.#count(request);
    this.#interval.received += workload;
    this.#move(entry, workload);
    this.#onChange();
    return entry;
  }

  /** Books a request that was refused without a wait. */
  reject(request: LedgerRequest): void {
    this.#count(request);
    this.#interval.rejected += Math.min(request.workload, mostWorkload);
    const now = this.#clock.now();
    const entry = { ...request, enteredAt: now, startedAt: 0, remaining: 0, isOpen: false };
    this.#delete(entry, { status: "Rejected", completedAt: now });
    this.#onChange();
  }

  start(entry: LedgerEntry): void {
    entry.startedAt = this.#clock.now();
  }

  /** Books the true cost: the difference once, as received and as still to be done. What is done stays done. */
  settle(entry: LedgerEntry, actual: number): void {
    if (!entry.isOpen || !Number.isFinite(actual) || actual < 0) {
      return;
    }
    const workload = Math.min(actual, mostWorkload);
    const difference = workload - entry.workload;
    entry.workload = workload;
    this.#interval.received += difference;
    this.#remain(entry, entry.remaining + difference);
    this.#onChange();
  }

  /** Books how much of the cost is still to come. Called for each chunk of a stream. */
  progress(entry: LedgerEntry, remaining: number): void {
    if (entry.isOpen && Number.isFinite(remaining)) {
      this.#remain(entry, remaining);
      this.#onChange();
    }
  }

  close(entry: LedgerEntry, outcome: Outcome): void {
    if (!entry.isOpen) {
      return;
    }
    entry.isOpen = false;
    this.#open.delete(entry);
    this.#move(entry, -entry.remaining);
    if (outcome === "Success") {
      this.#interval.served += entry.workload;
    } else if (outcome !== "Error") {
      this.#interval.received -= entry.workload;
      this.#interval.rejected += outcome === "Rejected" ? entry.workload : 0;
    }
    this.#delete(entry, { status: outcome, completedAt: this.#clock.now() });
    this.#onChange();
  }

  /** What a report says now. A surplus of cancellations is carried over: `received` is never below 0. */
  interval(): Interval {
    const { received, served, rejected } = this.#interval;
    return { received: Math.max(received, 0), served, rejected };
  }

  /** Takes out what an engine has accepted; what came meanwhile stays for the next report. */
  accept({ received, served, rejected }: Interval): void {
    this.#interval.received -= received;
    this.#interval.served -= served;
    this.#interval.rejected -= rejected;
  }

  /** The oldest deletions, at most `limit`. */
  deletions(limit: number): readonly Deletion[] {
    return this.#deletions.first(limit);
  }

  /** Takes out what an engine has accepted. Some of it may be gone by now, if the engine took its time and more came than are kept. */
  acceptDeletions(accepted: readonly Deletion[]): void {
    const known = new Set(accepted);
    const oldest = this.#deletions.first(accepted.length);
    this.#deletions.drop(oldest.filter((deletion) => known.has(deletion)).length);
  }

  #remain(entry: LedgerEntry, wanted: number): void {
    const remaining = Math.min(Math.max(wanted, 0), entry.workload);
    this.#move(entry, remaining - entry.remaining);
    entry.remaining = remaining;
  }

  #move({ kind }: LedgerEntry, workload: number): void {
    this.#load += workload;
    this.#queuedWorkload += kind === "session" ? 0 : workload;
    if (this.#open.size === 0) {
      // Sums of floats drift; with nothing open they are known exactly.
      this.#load = 0;
      this.#queuedWorkload = 0;
    }
  }

  #count({ kind, reqnum }: LedgerRequest): void {
    if (kind === "in-session" || this.#reqnums.has(reqnum) || this.#olderReqnums.has(reqnum)) {
      return;
    }
    this.#distinct += 1;
    this.#reqnums.add(reqnum);
    if (this.#reqnums.size >= rememberedReqnums) {
      this.#olderReqnums = this.#reqnums;
      this.#reqnums = new Set();
    }
  }

  #delete(entry: LedgerEntry, { status, completedAt }: { status: Outcome; completedAt: number }): void {
    if (entry.kind === "in-session") {
      return;
    }
    if (this.#deletions.size >= mostDeletions) {
      this.#deletions.drop(1);
      this.#dropped += 1;
    }
    const { requestIdx, enteredAt, startedAt } = entry;
    this.#deletions.push({ requestIdx, status, enteredAt, startedAt, completedAt });
  }
}
