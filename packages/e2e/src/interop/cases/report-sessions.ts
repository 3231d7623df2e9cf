import { call } from "../call.ts";
import { askSession, create, openSession, sessionPayload } from "../session.ts";
import { maxSessions } from "../side.ts";
import type { Step } from "./step.ts";
import { badSignature, bodyOf, completions, deleted, loadOf, nothing, served } from "./step-parts.ts";

const sessionCost = 256;

export const sessionSteps: readonly Step[] = [
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
      while (open.length < maxSessions) {
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
