import { type FaultSettings, type ReportBody, type SignedAuthData, until } from "@pyworker/testing";
import { call, send } from "../call.ts";
import type { Observation } from "../observation.ts";
import { askSession, create, openSession, sessionPayload } from "../session.ts";
import { perf, type Side } from "../side.ts";

/** Something that leaves a trace in what a worker reports. */
export interface Step {
  name: string;
  /** Is over within a second, except for waiting for a report. Resolves to what was seen beside the reports. */
  act(context: StepContext): Promise<Observation>;
  /** What our worker must report of it, at least. */
  expected: Observation;
}

export interface StepContext {
  side: Side;
  /** Makes `auth_data` for a request of this step, whose end is then looked for in the reports. */
  sign(fields?: Partial<SignedAuthData>): SignedAuthData;
  /** The next status that the engine accepts. */
  nextStatus(): Promise<ReportBody>;
}

const workload = 10;
const sessionCost = 256;
const completions = "/v1/completions";
const serial = "/tokenize";
const badSignature = { signature: "AAAA" };

const bodyOf = (auth: object, payload: object = {}): object => ({
  auth_data: auth,
  payload: { prompt: "hello", max_tokens: workload, ...payload },
});

interface Sent {
  path?: string;
  fields?: Partial<SignedAuthData>;
  payload?: object;
}

/** Sends a request and waits for its answer. */
async function post(
  { side, sign }: StepContext,
  { fields, path = completions, payload }: Sent = {},
): Promise<Observation> {
  const { status = null } = await call({ url: side.url + path, body: bodyOf(sign(fields), payload) });
  return { status };
}

async function during(side: Side, faults: FaultSettings, act: () => Promise<Observation>): Promise<Observation> {
  side.model.faults.set(faults);
  try {
    return await act();
  } finally {
    side.model.faults.set({});
  }
}

/** Sends a request that nobody answers; the function it returns makes its client leave. */
function postAndLeave(
  { side, sign }: StepContext,
  { fields, path = completions, payload }: Sent = {},
): () => Promise<void> {
  const leaving = new AbortController();
  const body = bodyOf(sign(fields), payload);
  const answer = send({ url: side.url + path, body, signal: leaving.signal }).catch(() => undefined);
  return async () => {
    leaving.abort();
    await answer;
    // Once the worker has answered this, it has seen what came before: the connection that closed.
    await askSession(side, "health", { id: "none" });
  };
}

/** The same, once the model server has the request. */
async function postToModelAndLeave(context: StepContext, sent: Sent = {}): Promise<() => Promise<void>> {
  const { requests } = context.side.model;
  const before = requests.length;
  const leave = postAndLeave(context, sent);
  await until(() => requests.length > before, { what: () => "the model to get the request" });
  return leave;
}

const stalled: FaultSettings = { stall: true };

const loadOf = ({ cur_load, num_requests_working, working_request_idxs }: ReportBody): Observation => ({
  "meanwhile: cur_load": Number(cur_load),
  "meanwhile: num_requests_working": Number(num_requests_working),
  "meanwhile: working_request_idxs": Array.isArray(working_request_idxs) ? working_request_idxs.length : null,
});

interface End {
  status: string;
  success: boolean;
  started: boolean;
}

const served: End = { status: "Success", success: true, started: true };
const failed: End = { status: "Error", success: false, started: true };
const cancelled: End = { status: "Cancelled", success: true, started: true };
const rejected: End = { status: "Rejected", success: false, started: false };

/** How requests must end, in what the worker reports. */
const deleted = (...ends: readonly End[]): Observation => ({
  "deleted: status": ends.map(({ status }) => status),
  "deleted: success": ends.map(({ success }) => success),
  "deleted: started": ends.map(({ started }) => started),
  "deleted: completed": ends.map(() => true),
});

const nothing: Observation = { new_load: 0, cur_perf: 0, rej_load: 0, num_requests_recieved: 0, ...deleted() };

const requestSteps: readonly Step[] = [
  {
    name: "report: a request is served",
    act: (context) => post(context),
    expected: { status: 200, new_load: 10, cur_perf: 10, rej_load: 0, num_requests_recieved: 1, ...deleted(served) },
  },
  {
    name: "report: a stream is served",
    act: (context) => post(context, { payload: { stream: true } }),
    expected: { status: 200, new_load: 10, cur_perf: 10, ...deleted(served) },
  },
  {
    name: "report: a request is served by a handler that states no workload",
    act: (context) => post(context, { path: serial }),
    expected: { status: 200, new_load: 100, cur_perf: 100, ...deleted(served) },
  },
  {
    name: "report: two requests come with one reqnum",
    act: async (context) => {
      const { reqnum } = context.sign();
      await post(context, { fields: { reqnum } });
      return post(context, { fields: { reqnum } });
    },
    expected: { new_load: 20, cur_perf: 20, num_requests_recieved: 1, ...deleted(served, served) },
  },
  {
    name: "report: the model refuses a request",
    act: (context) => post(context, { payload: { model: "another" } }),
    expected: { status: 404, new_load: 10, cur_perf: 0, ...deleted(failed) },
  },
  {
    name: "report: the model fails",
    act: (context) => during(context.side, { status: 500 }, () => post(context)),
    expected: { status: 500, new_load: 10, cur_perf: 0, ...deleted(failed) },
  },
  {
    name: "report: the model breaks the connection",
    act: async (context) => {
      await during(context.side, { refuse: true }, () => post(context));
      return {};
    },
    expected: { new_load: 10, cur_perf: 0, ...deleted(failed) },
  },
  {
    name: "report: the model dies in a stream",
    act: async (context) => {
      await during(context.side, { dieAfterChunks: 2 }, () => post(context, { payload: { stream: true } }));
      return {};
    },
    expected: { new_load: 10, cur_perf: 0, ...deleted(failed) },
  },
  {
    name: "report: the client leaves before the answer",
    act: (context) =>
      during(context.side, stalled, async () => {
        const leave = await postToModelAndLeave(context);
        await leave();
        return {};
      }),
    expected: { new_load: 0, cur_perf: 0, rej_load: 0, num_requests_recieved: 1, ...deleted(cancelled) },
  },
  {
    name: "report: a request has the wrong signature",
    act: (context) => post(context, { fields: badSignature }),
    expected: { status: 401, ...nothing },
  },
  {
    name: "report: a request lacks its payload",
    act: async ({ sign, side }) => {
      const { status = null } = await call({ url: side.url + completions, body: { auth_data: sign() } });
      return { status };
    },
    expected: { status: 422, ...nothing },
  },
];

const queueSteps: readonly Step[] = [
  {
    name: "report: the expected wait is too long",
    act: (context) =>
      during(context.side, stalled, async () => {
        const leave = await postToModelAndLeave(context, { payload: { max_tokens: 70 * perf } });
        const { status = null } = await post(context);
        await leave();
        return { status };
      }),
    expected: { status: 429, new_load: 0, rej_load: 10, num_requests_recieved: 2, ...deleted(cancelled, rejected) },
  },
  {
    name: "report: a request is in progress when a report is due",
    act: (context) =>
      during(context.side, stalled, async () => {
        const leave = await postToModelAndLeave(context);
        const seen = loadOf(await context.nextStatus());
        await leave();
        return seen;
      }),
    expected: {
      "meanwhile: cur_load": 10,
      "meanwhile: num_requests_working": 1,
      "meanwhile: working_request_idxs": 1,
      ...deleted(cancelled),
    },
  },
  {
    name: "report: two requests with one reqnum are in progress when a report is due",
    act: (context) =>
      during(context.side, stalled, async () => {
        const { reqnum } = context.sign();
        const leave = await postToModelAndLeave(context, { fields: { reqnum } });
        const leaveToo = await postToModelAndLeave(context, { fields: { reqnum } });
        const seen = loadOf(await context.nextStatus());
        await leave();
        await leaveToo();
        return seen;
      }),
    expected: { "meanwhile: cur_load": 20, "meanwhile: num_requests_working": 2, ...deleted(cancelled, cancelled) },
  },
  {
    name: "report: a request waits for another one's end when a report is due",
    act: (context) =>
      during(context.side, stalled, async () => {
        const { engine, model } = context.side;
        const [statuses, requests] = [engine.statuses.length, model.requests.length];
        const leave = await postToModelAndLeave(context, { path: serial });
        const leaveQueue = postAndLeave(context, { path: serial });
        const status = await until(() => engine.statuses.slice(statuses).find(isOfTwo), {
          what: () => "a status of two requests",
        });
        await leaveQueue();
        await leave();
        return { ...loadOf(status), "requests to the model": model.requests.length - requests };
      }),
    expected: {
      "meanwhile: cur_load": 200,
      "meanwhile: num_requests_working": 2,
      "requests to the model": 1,
      ...deleted(cancelled, { ...cancelled, started: false }),
    },
  },
];

const isOfTwo = ({ num_requests_working: working }: ReportBody): boolean => working === 2;

const sessionSteps: readonly Step[] = [
  {
    name: "report: a session is opened and ended",
    act: async ({ sign, side }) => {
      const session = await openSession(side, { auth: { ...sign(), cost: sessionCost } });
      const { status = null } = await askSession(side, "end", session);
      return { status };
    },
    expected: { status: 200, new_load: 256, cur_perf: 256, num_requests_recieved: 1, ...deleted(served) },
  },
  {
    name: "report: a request is made in a session",
    act: async ({ sign, side }) => {
      const { auth, id } = await openSession(side, { auth: { ...sign(), cost: sessionCost } });
      const body = { ...bodyOf(auth), session_id: id };
      const { status = null } = await call({ url: side.url + completions, body });
      await askSession(side, "end", { auth, id });
      return { status };
    },
    expected: { status: 200, new_load: 266, cur_perf: 266, num_requests_recieved: 1, ...deleted(served) },
  },
  {
    name: "report: a session is open when a report is due",
    act: async ({ nextStatus, sign, side }) => {
      const session = await openSession(side, { auth: { ...sign(), cost: sessionCost } });
      const seen = loadOf(await nextStatus());
      await askSession(side, "end", session);
      return seen;
    },
    expected: { "meanwhile: cur_load": 256, "meanwhile: num_requests_working": 1, ...deleted(served) },
  },
  {
    name: "report: a session is opened with the wrong signature",
    act: async ({ sign, side }) => {
      const auth = { ...sign(badSignature), cost: sessionCost };
      const session = await openSession(side, { auth }).catch(() => undefined);
      if (session) {
        await askSession(side, "end", session);
      }
      return {};
    },
    expected: nothing,
  },
  {
    name: "report: there are as many sessions as there may be",
    act: async ({ sign, side }) => {
      const open = [];
      while (open.length < 3) {
        open.push(await openSession(side, { auth: { ...sign(), cost: sessionCost } }));
      }
      const { seen } = await create(side, { auth_data: { ...sign(), cost: sessionCost }, payload: sessionPayload });
      for (const session of open) {
        await askSession(side, "end", session);
      }
      return { status: seen.status ?? null };
    },
    expected: { status: 429, new_load: 768, rej_load: 256, num_requests_recieved: 4 },
  },
];

/** What a report says whatever happens. */
const shapeStep: Step = {
  name: "report: a worker reports that it is ready",
  act: async (context) => {
    await post(context);
    const status = await context.nextStatus();
    const { deletions } = context.side.engine;
    return {
      "status: fields": Object.keys(status).sort(),
      "deletion: fields": Object.keys(deletions[0] ?? {}).sort(),
      "status: id": Number(status.id),
      "status: mtoken": String(status.mtoken),
      "status: version": String(status.version),
      "status: url is its own": status.url === context.side.url,
      "status: max_perf": Number(status.max_perf),
      "status: error_msg": String(status.error_msg),
      "status: capacities": [Number(status.cur_capacity), Number(status.max_capacity)],
      "status: loadtime again": Number(status.loadtime) > 0,
    };
  },
  expected: {
    "status: id": 42,
    "status: version": "1.1.0",
    "status: url is its own": true,
    "status: max_perf": perf,
    "status: error_msg": "",
    "status: capacities": [0, 0],
    "status: loadtime again": false,
  },
};

/** In this order. The shape comes when there are deletions to look at. */
export const reportSteps: readonly Step[] = [...requestSteps, ...queueSteps, ...sessionSteps, shapeStep];
