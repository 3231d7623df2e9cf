import { perf } from "../side.ts";
import { queueSteps } from "./report-queue.ts";
import { requestSteps } from "./report-requests.ts";
import { sessionSteps } from "./report-sessions.ts";
import type { Step } from "./step.ts";
import { post } from "./step-parts.ts";

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
