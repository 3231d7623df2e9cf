import { type ReportBody, type SignedAuthData, until } from "@pyworker/testing";
import { call } from "./call.ts";
import type { Step } from "./cases/step.ts";
import type { Observation } from "./observation.ts";
import type { Side } from "./side.ts";

/** More than all other workload of a step together: once it is reported as served, so is everything before it. */
const markWorkload = 2000;
const sums = ["new_load", "cur_perf", "rej_load"] as const;

/**
 * Takes a worker through the steps, one after the other, and resolves to what it reported of each. Every step begins
 * right after a status was accepted, when the next one is a second away: the reference forgets what it counts while it
 * reports.
 */
export async function reportedOf(side: Side, steps: readonly Step[]): Promise<Map<string, Observation>> {
  const { engine } = side;
  const signed = new Map<string, SignedAuthData[]>();
  const seen = new Map<string, Observation>();
  let last: SignedAuthData | undefined;
  await nextStatus(side);
  for (const { act, name } of steps) {
    const before = engine.statuses.length;
    const requests: SignedAuthData[] = [];
    const sign = (fields: Partial<SignedAuthData> = {}): SignedAuthData => {
      const auth = engine.signer.authData(side.url, fields);
      requests.push(auth);
      return auth;
    };
    const beside = await act({ side, sign, nextStatus: () => nextStatus(side) });
    last = await mark(side, before);
    signed.set(name, requests);
    seen.set(name, { ...beside, ...sumsBetween(side, before) });
  }
  // Ends are reported on their own, in their order.
  await until(() => engine.deletions.some(({ request_idx: index }) => index === last?.request_idx), {
    timeoutMs: 20_000,
    what: () => "the last request's end",
  });
  for (const [name, requests] of signed) {
    seen.set(name, { ...seen.get(name), ...deletionsOf(side, requests) });
  }
  return seen;
}

/** Serves one more request, and waits until a status tells of it and of no request in progress. */
async function mark({ engine, url }: Side, since: number): Promise<SignedAuthData> {
  const auth = engine.signer.authData(url);
  await call({
    url: `${url}/v1/completions`,
    body: { auth_data: auth, payload: { prompt: "mark", max_tokens: markWorkload } },
  });
  await until(
    () => {
      const news = engine.statuses.slice(since);
      const isTold = sum(news, "cur_perf") >= markWorkload;
      return isTold && news.at(-1)?.num_requests_working === 0;
    },
    {
      timeoutMs: 20_000,
      what: () => `a status of a request served; the last was ${JSON.stringify(engine.statuses.at(-1))}`,
    },
  );
  return auth;
}

function nextStatus({ engine }: Side): Promise<ReportBody> {
  const before = engine.statuses.length;
  return until(() => engine.statuses[before], { timeoutMs: 20_000, what: () => "the next status" });
}

function sumsBetween({ engine }: Side, since: number): Observation {
  const news = engine.statuses.slice(since);
  const marks = { new_load: markWorkload, cur_perf: markWorkload, rej_load: 0 };
  const received =
    Number(engine.statuses.at(-1)?.num_requests_recieved) - Number(engine.statuses[since - 1]?.num_requests_recieved);
  return {
    ...Object.fromEntries(sums.map((field) => [field, sum(news, field) - marks[field]])),
    num_requests_recieved: received - 1,
  };
}

const sum = (statuses: readonly ReportBody[], field: string): number =>
  statuses.reduce((total, status) => total + Number(status[field]), 0);

/** How the requests of a step ended, in the order in which they were sent. */
function deletionsOf({ engine }: Side, requests: readonly SignedAuthData[]): Observation {
  const ends = requests.flatMap(({ request_idx: wanted }) =>
    engine.deletions.filter(({ request_idx: index }) => index === wanted),
  );
  return {
    "deleted: status": ends.map(({ status }) => String(status)),
    "deleted: success": ends.map(({ success }) => success === true),
    "deleted: started": ends.map(({ work_started_at: at }) => Number(at) > 0),
    "deleted: completed": ends.map(({ work_completed_at: at }) => Number(at) > 0),
  };
}
