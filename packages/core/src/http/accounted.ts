import { expectedWait } from "../admission.ts";
import type { AuthData } from "../auth/auth-data.ts";
import { WorkerError } from "../errors.ts";
import type { LedgerEntry, Outcome } from "../ledger.ts";
import type { Session } from "../sessions.ts";
import { notReady } from "./authenticate.ts";
import { clientLeftStatus, type Job, type RefusableJob, type WorkResult } from "./job.ts";
import { queueFull } from "./queue-full.ts";
import { toWorkerError } from "./send-error.ts";
import type { Services } from "./services.ts";
import { type Place, takePlace } from "./take-place.ts";

/**
 * Admits a job, does the work, which waits for its turn, and books how it ended. Throws WorkerError 503 or 429 for a
 * job that is refused; whatever `work` throws goes on.
 */
export async function runAccounted(
  services: Services,
  job: Job,
  work: (entry: LedgerEntry, place: Place) => Promise<WorkResult>,
): Promise<void> {
  refuseUnlessReady(services, job);
  refuseLongWait(services, job);
  const { clock, ledger } = services;
  const entry = ledger.open(ledgerRequest(job));
  const arrivedAt = clock.monotonic();
  let ended: { outcome: Outcome; status: number; reason?: string | undefined } = { outcome: "Error", status: 500 };
  const place = takePlace(services, job, entry);
  try {
    ended = await work(entry, place);
  } catch (error) {
    ended = failureOf(error, job.signal);
    throw error;
  } finally {
    place.release();
    ledger.close(entry, ended.outcome);
    recordEnd(services, { ...ended, route: job.route, workload: entry.workload, arrivedAt });
  }
}

/** Opens a session as one request of workload `cost`. Throws WorkerError 503 or 429; `create` returns undefined at the limit. */
export function admitSession(services: Services, authData: AuthData, create: () => Session | undefined): Session {
  const job = { route: "/session/create", authData, workload: authData.cost, kind: "session" as const };
  refuseUnlessReady(services, job);
  const session = create();
  if (session === undefined) {
    reject(services, job, queueFull(services, "the worker has as many sessions as it takes"));
  }
  return session;
}

function refuseUnlessReady(services: Services, job: RefusableJob): void {
  const { state, errorMessage } = services.lifecycle;
  if (state === "ready") {
    return;
  }
  const reason = state === "errored" ? `the model has failed: ${errorMessage}` : "the model is not ready yet";
  reject(services, job, state === "draining" ? draining() : notReady(reason));
}

function refuseLongWait(services: Services, job: Job): void {
  const { ledger, lifecycle } = services;
  if (job.maxQueueTime !== null && expectedWait(ledger.queuedWorkload, lifecycle.throughput) > job.maxQueueTime) {
    reject(services, job, queueFull(services, "the expected wait is above maxQueueTime"));
  }
}

function reject({ ledger, telemetry }: Services, job: RefusableJob, error: WorkerError): never {
  const { route, workload } = job;
  ledger.reject(ledgerRequest(job));
  telemetry.countRequest({ route, workload, outcome: "Rejected", status: error.status });
  throw error;
}

const draining = (): WorkerError =>
  new WorkerError("draining", "the worker is stopping", { headers: { "retry-after": "1" } });

const ledgerRequest = ({ authData, workload, kind }: RefusableJob) => ({
  requestIdx: authData.requestIdx,
  reqnum: authData.reqnum,
  workload,
  kind,
});

/** A refusal of our own is Rejected, a departure of the client Cancelled, anything else an Error. */
function failureOf(thrown: unknown, signal: AbortSignal): { outcome: Outcome; status: number } {
  if (signal.aborted) {
    const isOurs = WorkerError.is(signal.reason);
    const outcome = isOurs && signal.reason.code === "draining" ? "Error" : "Cancelled";
    return { outcome, status: isOurs ? signal.reason.status : clientLeftStatus };
  }
  const error = toWorkerError(thrown);
  return { outcome: error.code === "queue_full" ? "Rejected" : "Error", status: error.status };
}

interface End {
  route: string;
  outcome: Outcome;
  status: number;
  reason?: string | undefined;
  workload: number;
  arrivedAt: number;
}

function recordEnd({ clock, log, telemetry }: Services, { arrivedAt, ...request }: End): void {
  const seconds = (clock.monotonic() - arrivedAt) / 1000;
  telemetry.observeDuration(request.route, seconds);
  telemetry.countRequest(request);
  log.debug({ ...request, seconds }, "request");
}
