import { connect } from "node:net";
import { type FaultSettings, until } from "@pyworker/testing";
import { call, send } from "../call.ts";
import type { Observation } from "../observation.ts";
import { perf, type Side } from "../side.ts";
import type { Case } from "./case.ts";

const completions = "/v1/completions";
const payload = { prompt: "hello", max_tokens: 3 };
const stream = { prompt: "hello", max_tokens: 8, stream: true };

const signedBody = ({ engine, url }: Side, payload: object): object => ({
  auth_data: engine.signer.authData(url),
  payload,
});

/** Sends a request while the model server has a fault. */
async function postDuring(side: Side, faults: FaultSettings): Promise<Observation> {
  side.model.faults.set(faults);
  try {
    return await call({ url: side.url + completions, body: signedBody(side, payload) });
  } finally {
    side.model.faults.set({});
  }
}

/** Leaves once the model server has the request (and has begun a stream); says what the model server then hears. */
async function leaveDuring(
  { engine, model, url }: Side,
  { faults, payload }: { faults: FaultSettings; payload: object },
): Promise<Observation> {
  const before = model.requests.length;
  const leaving = new AbortController();
  const auth = engine.signer.authData(url);
  model.faults.set(faults);
  try {
    const body = { auth_data: auth, payload };
    const answer = send({ url: url + completions, body, signal: leaving.signal }).catch(() => undefined);
    const seen = await until(() => model.requests[before], { what: () => "the model to get the request" });
    if (faults.stallAfterChunks !== undefined) {
      await answer;
    }
    leaving.abort();
    // By the time the engine has heard of the end, the model server has long heard of it, or never will.
    const ended = await until(() => engine.deletions.find(({ request_idx: index }) => index === auth.request_idx), {
      timeoutMs: 20_000,
      what: () => "the end to be reported",
    });
    return { "model hears of it": seen.abortedAt !== undefined, status: String(ended.status) };
  } finally {
    model.faults.set({});
  }
}

/** What comes over the wire until the connection closes, or a second answer begins on it. */
async function readRaw(side: Side, body: object): Promise<Observation> {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(side.url).port), "127.0.0.1");
  let received = "";
  let closed = false;
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("close", () => {
    closed = true;
  });
  socket.on("error", () => undefined);
  socket.write(
    `POST ${completions} HTTP/1.1\r\nhost: worker\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  const heads = (): number => received.split("HTTP/1.1 ").length - 1;
  await until(() => closed || heads() > 1, { what: () => `an end of: ${received}` });
  socket.destroy();
  return { heads: heads(), "connection closed": closed, "looks complete": received.endsWith("\r\n0\r\n\r\n") };
}

/** Requests that go wrong behind the worker, or in front of it. Each leaves the model server well. */
export const faultCases: readonly Case[] = [
  {
    name: "the model answers 500",
    run: (side) => postDuring(side, { status: 500 }),
    expected: { status: 500 },
  },
  {
    name: "the model answers 503",
    run: (side) => postDuring(side, { status: 503 }),
    expected: { status: 503 },
  },
  {
    name: "the model breaks the connection",
    run: (side) => postDuring(side, { refuse: true }),
    expected: { status: 502 },
  },
  {
    name: "the model is not there",
    run: async (side) => {
      await side.model.kill();
      try {
        return await call({ url: side.url + completions, body: signedBody(side, payload) });
      } finally {
        await side.model.restart();
      }
    },
    expected: { status: 502 },
  },
  {
    name: "the model dies in a stream",
    run: async (side) => {
      side.model.faults.set({ dieAfterChunks: 2 });
      try {
        return await readRaw(side, signedBody(side, stream));
      } finally {
        side.model.faults.set({});
      }
    },
    expected: { heads: 1, "connection closed": true, "looks complete": false },
  },
  {
    name: "the client leaves before the answer",
    run: (side) => leaveDuring(side, { faults: { stall: true }, payload }),
    expected: { "model hears of it": true, status: "Cancelled" },
  },
  {
    name: "the client leaves in a stream",
    run: (side) => leaveDuring(side, { faults: { stallAfterChunks: 2 }, payload: stream }),
    expected: { "model hears of it": true, status: "Cancelled" },
  },
  {
    name: "the expected wait is too long",
    run: async (side) => {
      const before = side.model.requests.length;
      const leaving = new AbortController();
      side.model.faults.set({ stall: true });
      try {
        const long = signedBody(side, { prompt: "hello", max_tokens: 70 * perf });
        const first = send({ url: side.url + completions, body: long, signal: leaving.signal }).catch(() => undefined);
        await until(() => side.model.requests[before], { what: () => "the model to get the request" });
        const second = await call({ url: side.url + completions, body: signedBody(side, payload) });
        leaving.abort();
        await first;
        return { ...second, "requests to the model": side.model.requests.length - before };
      } finally {
        side.model.faults.set({});
      }
    },
    expected: { status: 429, "retry-after": "70", "requests to the model": 1 },
  },
];
