import { type FaultSettings, type ReportBody, type SignedAuthData, until } from "@pyworker/testing";
import { call, send } from "../call.ts";
import type { Observation } from "../observation.ts";
import { askSession } from "../session.ts";
import type { Side } from "../side.ts";
import type { StepContext } from "./step.ts";

const workload = 10;
export const completions = "/v1/completions";
export const serial = "/tokenize";
export const badSignature = { signature: "AAAA" };

export const bodyOf = (auth: object, payload: object = {}): object => ({
  auth_data: auth,
  payload: { prompt: "hello", max_tokens: workload, ...payload },
});

interface Sent {
  path?: string;
  fields?: Partial<SignedAuthData>;
  payload?: object;
}

/** Sends a request and waits for its answer. */
export async function post(
  { side, sign }: StepContext,
  { fields, path = completions, payload }: Sent = {},
): Promise<Observation> {
  const { status = null } = await call({ url: side.url + path, body: bodyOf(sign(fields), payload) });
  return { status };
}

export async function during(side: Side, faults: FaultSettings, act: () => Promise<Observation>): Promise<Observation> {
  side.model.faults.set(faults);
  try {
    return await act();
  } finally {
    side.model.faults.set({});
  }
}

/** Sends a request that nobody answers; the function it returns makes its client leave. */
export function postAndLeave(
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
export async function postToModelAndLeave(context: StepContext, sent: Sent = {}): Promise<() => Promise<void>> {
  const { requests } = context.side.model;
  const before = requests.length;
  const leave = postAndLeave(context, sent);
  await until(() => requests.length > before, { what: () => "the model to get the request" });
  return leave;
}

export const stalled: FaultSettings = { stall: true };

export const loadOf = ({ cur_load, num_requests_working, working_request_idxs }: ReportBody): Observation => ({
  "meanwhile: cur_load": Number(cur_load),
  "meanwhile: num_requests_working": Number(num_requests_working),
  "meanwhile: working_request_idxs": Array.isArray(working_request_idxs) ? working_request_idxs.length : null,
});

interface End {
  status: string;
  success: boolean;
  started: boolean;
}

export const served: End = { status: "Success", success: true, started: true };
export const failed: End = { status: "Error", success: false, started: true };
export const cancelled: End = { status: "Cancelled", success: true, started: true };
export const rejected: End = { status: "Rejected", success: false, started: false };

/** How requests must end, in what the worker reports. */
export const deleted = (...ends: readonly End[]): Observation => ({
  "deleted: status": ends.map(({ status }) => status),
  "deleted: success": ends.map(({ success }) => success),
  "deleted: started": ends.map(({ started }) => started),
  "deleted: completed": ends.map(() => true),
});

export const nothing: Observation = { new_load: 0, cur_perf: 0, rej_load: 0, num_requests_recieved: 0, ...deleted() };
