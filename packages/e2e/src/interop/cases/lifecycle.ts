import { type ReportBody, until } from "@pyworker/testing";
import { call } from "../call.ts";
import type { Observation } from "../observation.ts";
import { tryToOpen } from "../session.ts";
import { errorLine, loadLine, perf, type Side } from "../side.ts";
import type { Case } from "./case.ts";
import { update } from "./updates.ts";

const payload = { prompt: "hello", max_tokens: 3 };
const reportMilliseconds = 30_000;
/** Longer than any machine takes to hand over a signal. */
const answerMilliseconds = 3000;

const post = (side: Side, body: object): Promise<Observation> => call({ url: `${side.url}/v1/completions`, body });

const postSigned = (side: Side): Promise<Observation> =>
  post(side, { auth_data: side.engine.signer.authData(side.url), payload });

/** For workers that were started without a MASTER_TOKEN, and whose model has not loaded. */
export const loadingCases: readonly Case[] = [
  {
    name: "a request comes before the model has loaded",
    run: postSigned,
    expected: { status: 503, "retry-after": "5" },
  },
  {
    name: "a session is opened before the model has loaded",
    run: (side) => tryToOpen(side, {}),
    expected: { status: 503, "retry-after": "5" },
  },
  {
    name: "there is no MASTER_TOKEN and an update has no token",
    run: (side) => update(side, undefined),
    expected: { status: 401, "file written": false },
  },
];

/** For workers that were started with UNSECURED=true. */
export const unsecuredCases: readonly Case[] = [
  {
    name: "nobody checks signatures and a request is signed",
    run: postSigned,
    expected: { status: 200 },
  },
  {
    name: "nobody checks signatures and the signature is wrong",
    run: (side) => post(side, { auth_data: { ...side.engine.signer.authData(side.url), signature: "" }, payload }),
    expected: { status: 200 },
  },
  {
    name: "nobody checks signatures and auth_data is the Python client's in its debug mode",
    run: (side) => post(side, { auth_data: { request_idx: 1, url: side.url }, session_id: null, payload }),
    expected: { status: 200 },
  },
  {
    name: "nobody checks signatures and auth_data is missing",
    run: (side) => post(side, { payload }),
    expected: { status: 200 },
  },
  {
    name: "nobody checks signatures and the body is the payload itself",
    run: (side) => post(side, payload),
    expected: { status: 200 },
  },
];

function nextStatus({ engine }: Side, matches: (status: ReportBody) => boolean): Promise<ReportBody> {
  const before = engine.statuses.length;
  return until(() => engine.statuses.slice(before).find(matches), {
    timeoutMs: reportMilliseconds,
    what: () => `a status; the last was ${JSON.stringify(engine.statuses.at(-1))}`,
  });
}

const stateIn = ({ error_msg: error, max_perf: reported }: ReportBody): Observation => ({
  error_msg: String(error),
  max_perf: Number(reported),
});

/** In this order: what happens to a worker's model, until the worker is stopped. */
export const changeCases: readonly Case[] = [
  {
    name: "the model's log tells of an error",
    run: async (side) => {
      const status = nextStatus(side, ({ error_msg: error }) => error !== "");
      await side.log(`worker 7: ${errorLine} has died`);
      return stateIn(await status);
    },
    expected: { error_msg: errorLine, max_perf: 0 },
  },
  {
    name: "a request comes after an error",
    run: postSigned,
    expected: { status: 503 },
  },
  {
    name: "the model loads again after an error",
    run: async (side) => {
      const { loadtime: before } = side.engine.statuses.at(-1) ?? {};
      // The reference goes on saying when it was loaded, and says so when it was again.
      const status = nextStatus(side, ({ error_msg: error, loadtime }) => error === "" || loadtime !== before);
      await side.log(loadLine);
      return stateIn(await status);
    },
    expected: { error_msg: "", max_perf: perf },
  },
  {
    name: "the worker is told to stop while a request runs",
    run: async (side) => {
      const before = side.model.requests.length;
      side.model.faults.set({ delayMs: answerMilliseconds });
      const running = postSigned(side);
      await until(() => side.model.requests[before], { what: () => "the model to get the request" });
      const reported = side.engine.deletions.length;
      const code = await side.worker.stop("SIGTERM");
      const { status = null, broken = null } = await running;
      const ends = side.engine.deletions.slice(reported).map(({ status: end }) => String(end));
      return { status, broken, "exit code": code, "reported ends": ends };
    },
    expected: { status: 200, broken: null, "exit code": 0, "reported ends": ["Success"] },
  },
];
