import { perf } from "../side.ts";
import type { Step } from "./step.ts";
import {
  cancelled,
  deleted,
  during,
  loadOf,
  post,
  postAndLeave,
  postToModelAndLeave,
  rejected,
  serial,
  stalled,
} from "./step-parts.ts";

export const queueSteps: readonly Step[] = [
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
        const { model } = context.side;
        const requests = model.requests.length;
        const leave = await postToModelAndLeave(context, { path: serial });
        const leaveQueue = postAndLeave(context, { path: serial });
        const status = await context.nextStatus(({ num_requests_working: working }) => working === 2);
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
