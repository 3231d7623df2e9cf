import { call, send } from "../call.ts";
import type { Json, Observation } from "../observation.ts";
import type { Side } from "../side.ts";
import type { Case } from "./case.ts";

const completions = "/v1/completions";
const payload = { prompt: "hello", max_tokens: 3 };
const invalidJson = { status: 422, body: { error: "invalid JSON" } };

const signed = ({ engine, url }: Side, fields: object = {}): object => ({ ...engine.signer.authData(url), ...fields });

const without = (auth: object, ...names: string[]): object =>
  Object.fromEntries(Object.entries(auth).filter(([name]) => !names.includes(name)));

const post = (side: Side, body: unknown, path = completions): Promise<Observation> =>
  call({ url: side.url + path, body });

/** Sends a request, and looks at what the model server got of it. */
async function postAndLook(
  side: Side,
  { body, headers = {}, path }: { body: unknown; headers?: Record<string, string>; path: string },
): Promise<Observation> {
  const before = side.model.requests.length;
  const answer = await call({ url: side.url + path, body, headers });
  const seen = side.model.requests.slice(before);
  const last = seen.at(-1);
  const header = (name: string): Json => last?.headers[name]?.toString() ?? null;
  return {
    ...answer,
    "requests to the model": seen.length,
    "model: method": last?.method ?? null,
    "model: path": last?.path ?? null,
    "model: payload": last ? JSON.parse(last.body.toString()) : null,
    "model: content-type": header("content-type"),
    "model: accept": header("accept"),
    "model: traceparent": header("traceparent"),
    "model: authorization": header("authorization"),
    "model: cookie": header("cookie"),
  };
}

async function postAndCount(side: Side, body: unknown): Promise<Observation> {
  const before = side.model.requests.length;
  const answer = await post(side, body);
  return { ...answer, "requests to the model": side.model.requests.length - before };
}

/** Sends a payload as it is spelled, and looks at how it is spelled when it reaches the model server. */
async function postSpelled(side: Side, payload: string): Promise<Observation> {
  const { status = null } = await call({
    url: side.url + completions,
    body: `{"auth_data": ${JSON.stringify(signed(side))}, "payload": ${payload}}`,
  });
  return { status, "model: text": side.model.requests.at(-1)?.body.toString() ?? null };
}

/** Requests that are answered at once, and leave nothing behind. */
export const requestCases: readonly Case[] = [
  {
    name: "a request is in order",
    run: (side) =>
      postAndLook(side, { path: completions, body: { auth_data: signed(side), session_id: null, payload } }),
    expected: { status: 200, "requests to the model": 1 },
  },
  {
    name: "a chat is in order",
    run: (side) => {
      const chat = { messages: [{ role: "user", content: "hello" }], max_tokens: 3 };
      return postAndLook(side, { path: "/v1/chat/completions", body: { auth_data: signed(side), payload: chat } });
    },
    expected: { status: 200, "requests to the model": 1 },
  },
  {
    name: "a request to a serial route is in order",
    run: (side) =>
      postAndLook(side, { path: "/tokenize", body: { auth_data: signed(side), payload: { prompt: "hello" } } }),
    expected: { status: 200, "requests to the model": 1 },
  },
  {
    name: "a request asks for a stream",
    run: (side) =>
      postAndLook(side, {
        path: completions,
        body: { auth_data: signed(side), payload: { ...payload, stream: true } },
      }),
    expected: { status: 200, "requests to the model": 1 },
  },
  {
    name: "a request carries credentials and trace headers",
    run: (side) =>
      postAndLook(side, {
        path: `${completions}?api_key=secret`,
        body: { auth_data: signed(side), payload },
        headers: {
          authorization: "Bearer secret",
          cookie: "session=secret",
          accept: "text/event-stream",
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
      }),
    expected: {
      status: 200,
      "model: path": completions,
      "model: authorization": null,
      "model: cookie": null,
      "model: accept": "text/event-stream",
    },
  },
  {
    name: "a payload is spelled in an unusual way",
    run: (side) =>
      postSpelled(side, `{"prompt":"h\\u00e9llo é","seed":12345678901234567890,"max_tokens":3,"top_p":1e0}`),
    expected: { status: 200 },
  },
  { name: "the body is no JSON", run: (side) => post(side, "{"), expected: invalidJson },
  {
    name: "an answer is the worker's own",
    run: async (side) => {
      const response = await send({ url: side.url + completions, body: "{" });
      await response.text();
      return { "content-type as sent": response.headers.get("content-type") };
    },
    expected: { "content-type as sent": "application/json" },
  },
  { name: "the body is empty", run: (side) => post(side, ""), expected: invalidJson },
  { name: "the body is a list", run: (side) => post(side, []), expected: invalidJson },
  { name: "the body is a number", run: (side) => post(side, 5), expected: invalidJson },
  {
    name: "the body is an empty object",
    run: (side) => post(side, {}),
    expected: { status: 422, body: { auth_data: "field missing", payload: "field missing" } },
  },
  {
    name: "auth_data is missing",
    run: (side) => post(side, { payload }),
    expected: { status: 422, body: { auth_data: "field missing" } },
  },
  {
    name: "auth_data is null",
    run: (side) => post(side, { auth_data: null, payload }),
    expected: { status: 422 },
  },
  {
    name: "auth_data has no signature",
    run: (side) => post(side, { auth_data: without(signed(side), "signature"), payload }),
    expected: { status: 422, body: { auth_data: { signature: "missing parameter" } } },
  },
  {
    name: "auth_data is empty and the payload is missing",
    run: (side) => post(side, { auth_data: {} }),
    expected: { status: 422 },
  },
  {
    name: "auth_data has more keys than it needs",
    run: (side) => post(side, { auth_data: signed(side, { __request_id: "1-1", more: { to: ["come"] } }), payload }),
    expected: { status: 200 },
  },
  {
    name: "the cost is a number",
    run: (side) => post(side, { auth_data: signed(side, { cost: 256 }), payload }),
    expected: { status: 200 },
  },
  {
    name: "the cost is no number",
    run: (side) => post(side, { auth_data: signed(side, { cost: "much" }), payload }),
    expected: { status: 422 },
  },
  {
    name: "the request number is a number as text",
    run: (side) => post(side, { auth_data: signed(side, { reqnum: "7" }), payload }),
    expected: { status: 200 },
  },
  {
    name: "the payload is missing",
    run: (side) => post(side, { auth_data: signed(side) }),
    expected: { status: 422, body: { payload: "field missing" } },
  },
  {
    name: "the payload is a list",
    run: (side) => post(side, { auth_data: signed(side), payload: [] }),
    expected: { status: 422 },
  },
  {
    name: "the signature is wrong",
    run: (side) => postAndCount(side, { auth_data: signed(side, { signature: "AAAA" }), payload }),
    expected: { status: 401, "requests to the model": 0 },
  },
  {
    name: "the signature was made for another worker",
    run: (side) => postAndCount(side, { auth_data: side.engine.signer.authData("http://127.0.0.1:9"), payload }),
    expected: { status: 401, "requests to the model": 0 },
  },
  {
    name: "the signature covers all of auth_data",
    run: (side) => post(side, { auth_data: side.engine.signer.fullAuthData(side.url), payload }),
    expected: { status: 200 },
  },
  {
    name: "a request names a session that does not exist",
    run: (side) => post(side, { auth_data: signed(side), session_id: "nothing", payload }),
    expected: { status: 410, body: { error: "invalid session" } },
  },
  {
    name: "the model refuses a request",
    run: (side) => post(side, { auth_data: signed(side), payload: { ...payload, max_tokens: 100_000_000 } }),
    expected: { status: 400 },
  },
  {
    name: "the model does not have what is asked for",
    run: (side) => post(side, { auth_data: signed(side), payload: { ...payload, model: "another" } }),
    expected: { status: 404 },
  },
  {
    name: "no handler has the route",
    run: (side) => post(side, { auth_data: signed(side), payload }, "/nowhere"),
    expected: { status: 404 },
  },
  {
    name: "a handler's route is asked for with GET",
    run: (side) => call({ url: side.url + completions, method: "GET" }),
    expected: { status: 405, allow: "POST" },
  },
];
