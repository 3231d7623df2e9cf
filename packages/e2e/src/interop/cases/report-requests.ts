import { call } from "../call.ts";
import type { Step } from "./step.ts";
import {
  badSignature,
  cancelled,
  completions,
  deleted,
  during,
  failed,
  nothing,
  post,
  postToModelAndLeave,
  serial,
  served,
  stalled,
} from "./step-parts.ts";

export const requestSteps: readonly Step[] = [
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
