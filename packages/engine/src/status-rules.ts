import type { WorkerStatus } from "@pyworker/core";
import { reportedCondition } from "./registry.ts";

/** What earlier reports of a worker leave behind. Times are Unix seconds. */
export interface History {
  reportedAt: number;
  isLoading: boolean;
  /** A report with a load time was accepted since the worker was loading. */
  hasLoadTime: boolean;
}

interface Report {
  status: WorkerStatus;
  now: number;
  before: History | undefined;
}

interface Rule {
  rule: string;
  holds(report: Report): boolean;
  found(report: Report): unknown;
}

const knownVersions = ["1.1.0"];
const mostSecondsBetween = 15;
/** Sums of floats drift. */
const tolerance = 1e-6;

/** What every status must hold, beyond its schema. */
export const statusRules: readonly Rule[] = [
  {
    rule: `version is one of ${knownVersions.join(", ")}`,
    holds: ({ status }) => knownVersions.includes(status.version),
    found: ({ status }) => status.version,
  },
  {
    rule: "url is an http or https URL",
    holds: ({ status }) => URL.canParse(status.url) && /^https?:$/.test(new URL(status.url).protocol),
    found: ({ status }) => status.url,
  },
  {
    rule: "num_requests_working counts working_request_idxs",
    holds: ({ status }) => status.working_request_idxs.length === status.num_requests_working,
    found: ({ status }) => `${status.num_requests_working}, but ${status.working_request_idxs.length} listed`,
  },
  {
    rule: "cur_load is 0 while num_requests_working is 0",
    holds: ({ status }) => status.num_requests_working > 0 || status.cur_load < tolerance,
    found: ({ status }) => status.cur_load,
  },
  {
    rule: "max_perf is 0 while error_msg is set",
    holds: ({ status }) => status.error_msg === "" || status.max_perf === 0,
    found: ({ status }) => `${status.max_perf}, with the error ${JSON.stringify(status.error_msg)}`,
  },
  {
    rule: "loadtime is sent until accepted, then 0",
    holds: ({ before, status }) => status.loadtime === 0 || !before?.hasLoadTime,
    found: ({ status }) => status.loadtime,
  },
  {
    rule: `reports come at least every ${mostSecondsBetween} s`,
    holds: (report) => secondsSince(report) <= mostSecondsBetween || hasStartedAgain(report),
    found: (report) => `${secondsSince(report).toFixed(1)} s since the one before`,
  },
];

/** The history as it stands after a report. */
export function nextHistory({ before, now, status }: Report): History {
  const isLoading = reportedCondition(status) === "loading";
  const hadLoadTime = !isLoading && before?.hasLoadTime === true;
  return { reportedAt: now, isLoading, hasLoadTime: hadLoadTime || status.loadtime > 0 };
}

const secondsSince = ({ before, now }: Report): number => (before ? now - before.reportedAt : 0);

const hasStartedAgain = ({ before, status }: Report): boolean =>
  before?.isLoading === false && reportedCondition(status) === "loading";
