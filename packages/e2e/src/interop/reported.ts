import { type ReportBody, type SignedAuthData, until } from "@pyworker/testing";
import { call } from "./call.ts";
import type { Step } from "./cases/step.ts";
import type { Observation } from "./observation.ts";
import { askSession } from "./session.ts";
import type { Side } from "./side.ts";

/** More than all other workload of a step together: once it is reported as served, so is everything before it. */
const markWorkload = 2000;
/** Reading an answer takes the reference some turns of its event loop; each of these takes as many. */
const roundTrips = 3;
const mostTries = 5;
const sums = ["new_load", "cur_perf", "rej_load"] as const;

/** A step that is done: what was seen beside the reports, its requests, and where the reports of it begin. */
interface DoneStep {
  beside: Observation;
  requests: readonly SignedAuthData[];
  since: number;
  mark: SignedAuthData;
}

/**
 * Takes a worker through the steps, one after the other, and resolves to what it reported of each. Every step begins
 * right after a status, when the next one is a second away: the reference forgets what it counts while it reports.
 */
export async function reportedOf(side: Side, steps: readonly Step[]): Promise<Map<string, Observation>> {
  const done = new Map<string, DoneStep>();
  const seen = new Map<string, Observation>();
  await nextStatus(side);
  for (const step of steps) {
    const result = await doStep(side, step);
    done.set(step.name, result);
    seen.set(step.name, { ...result.beside, ...sumsSince(side, result.since) });
  }
  const last = [...done.values()].at(-1)?.mark;
  // Ends are reported on their own, in their order.
  await until(() => side.engine.deletions.some(({ request_idx: index }) => index === last?.request_idx), {
    timeoutMs: 20_000,
    what: () => "the last request's end",
  });
  for (const [name, { requests }] of done) {
    seen.set(name, { ...seen.get(name), ...endsOf(side, requests) });
  }
  return seen;
}

/** Does a step until no report came in between that it had not asked for: on a busy machine a second can be short. */
async function doStep(side: Side, { act, name }: Step): Promise<DoneStep> {
  const { statuses, signer } = side.engine;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const since = statuses.length;
    let expected = since;
    const requests: SignedAuthData[] = [];
    const beside = await act({
      side,
      sign: (fields = {}) => {
        const auth = signer.authData(side.url, fields);
        requests.push(auth);
        return auth;
      },
      nextStatus: async (matches) => {
        const status = await nextStatus(side, matches);
        expected = statuses.length;
        return status;
      },
    });
    const mark = await serveMark(side);
    const isAlone = statuses.length === expected;
    await nextStatus(side, ({ num_requests_working: working }) => working === 0);
    if (isAlone && sum(statuses.slice(since), "cur_perf") >= markWorkload) {
      return { beside, requests, since, mark };
    }
    // What is left of it must not count as the next try's.
    await nextStatus(side);
  }
  throw new Error(`the machine is too slow: "${name}" took longer than a second, ${mostTries} times`);
}

/** One more request, so that there is something to report, and what is reported is complete. */
async function serveMark({ engine, url }: Side): Promise<SignedAuthData> {
  const auth = engine.signer.authData(url);
  await call({
    url: `${url}/v1/completions`,
    body: { auth_data: auth, payload: { prompt: "mark", max_tokens: markWorkload } },
  });
  return auth;
}

/** The next status that matches, once the worker has put it behind itself. */
async function nextStatus(side: Side, matches: (status: ReportBody) => boolean = () => true): Promise<ReportBody> {
  const { statuses } = side.engine;
  const before = statuses.length;
  const found = await until(() => statuses.slice(before).find(matches), {
    timeoutMs: 20_000,
    what: () => `a status; the last was ${JSON.stringify(statuses.at(-1))}`,
  });
  // The engine's answer was on its way before these: when they are answered, the worker has read it.
  for (let times = 0; times < roundTrips; times += 1) {
    await askSession(side, "health", { id: "none" });
  }
  return found;
}

function sumsSince({ engine }: Side, since: number): Observation {
  const news = engine.statuses.slice(since);
  const marks = { new_load: markWorkload, cur_perf: markWorkload, rej_load: 0 };
  const received = (status: ReportBody | undefined): number => Number(status?.num_requests_recieved);
  return {
    ...Object.fromEntries(sums.map((field) => [field, sum(news, field) - marks[field]])),
    num_requests_recieved: received(news.at(-1)) - received(engine.statuses[since - 1]) - 1,
  };
}

const sum = (statuses: readonly ReportBody[], field: string): number =>
  statuses.reduce((total, status) => total + Number(status[field]), 0);

/** How the requests of a step ended, in the order in which they were sent. */
function endsOf({ engine }: Side, requests: readonly SignedAuthData[]): Observation {
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
