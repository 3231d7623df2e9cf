import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ModelServer, until } from "@pyworker/testing";
import { connectRaw, rawPost } from "../harness/raw-connection.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startTgiServer, startWorker } = createStarters();
let tgi: ModelServer;
let worker: WorkerUnderTest;
/** The same, but for how it counts. */
let countsMaxTokens: WorkerUnderTest;

type Fields = Readonly<Record<string, unknown>>;

interface RouteCase {
  route: string;
  good: Fields;
  /** The same as a stream; undefined where the route knows none. */
  streamed?: Fields;
  /** Faults, and the field that the answer must name. */
  bad: readonly (readonly [payload: Fields, field: string])[];
}

const inputs = "Say something.";
const parameters = { max_new_tokens: 8 };
const generate = { inputs, parameters };
const user = { role: "user", content: inputs };
const five = ["a", "b", "c", "d", "e"];
const sampledTwice = { best_of: 2, do_sample: true };

const badGenerate: RouteCase["bad"] = [
  [{ parameters }, "inputs"],
  [{ inputs: "" }, "inputs"],
  [{ inputs: ["Say", "something."] }, "inputs"],
  [{ inputs, parameters: { max_new_tokens: 0 } }, "parameters.max_new_tokens"],
  [{ inputs, parameters: { max_new_tokens: "many" } }, "parameters.max_new_tokens"],
  [{ inputs, parameters: { temperature: 0 } }, "parameters.temperature"],
  [{ inputs, parameters: { stop: five } }, "parameters.stop"],
  [{ inputs, parameters: { truncate: 100_000 } }, "parameters.truncate"],
];

const cases: readonly RouteCase[] = [
  {
    route: "/generate",
    good: generate,
    bad: [
      ...badGenerate,
      [{ inputs, parameters: { best_of: 2 } }, "parameters.best_of"],
      [{ inputs, parameters: { best_of: 3, do_sample: true } }, "parameters.best_of"],
      [{ inputs, parameters: { ...sampledTwice, seed: 1 } }, "parameters.seed"],
    ],
  },
  {
    route: "/generate_stream",
    good: generate,
    streamed: { inputs, parameters: { ...parameters, details: true } },
    bad: [
      ...badGenerate,
      [{ inputs, parameters: sampledTwice }, "parameters.best_of"],
      [{ inputs, parameters: { decoder_input_details: true } }, "parameters.decoder_input_details"],
    ],
  },
  {
    route: "/",
    good: generate,
    streamed: { ...generate, stream: true },
    bad: [...badGenerate, [{ inputs, stream: true, parameters: sampledTwice }, "parameters.best_of"]],
  },
  {
    route: "/v1/completions",
    good: { prompt: inputs, max_tokens: 8 },
    streamed: { prompt: [inputs, "Again."], max_tokens: 8, stream: true },
    bad: [
      [{ prompt: 5 }, "prompt"],
      [{ prompt: five }, "prompt"],
      [{ prompt: inputs, max_tokens: 0 }, "max_tokens"],
      [{ prompt: inputs, stop: five }, "stop"],
      [{ prompt: inputs, suffix: "!" }, "suffix"],
    ],
  },
  {
    route: "/v1/chat/completions",
    good: { messages: [user], max_tokens: 8 },
    streamed: { messages: [user], max_tokens: 8, stream: true },
    bad: [
      [{}, "messages"],
      [{ messages: [{ content: "Hi" }] }, "messages.0.role"],
      [{ messages: [user], max_completion_tokens: "many" }, "max_completion_tokens"],
      [{ messages: [user], stop: five }, "stop"],
    ],
  },
];

beforeAll(async () => {
  tgi = await startTgiServer();
  const settings = { program: "tgi", modelUrl: tgi.url };
  worker = await startWorker(settings);
  countsMaxTokens = await startWorker({ ...settings, env: { WORKLOAD_COUNT: "max_tokens" } });
  await Promise.all([worker.becomeReady(), countsMaxTokens.becomeReady()]);
});

beforeEach(() => tgi.faults.set({}));

const seenAt = (route: string) => tgi.requests.filter(({ path }) => path === route);

const askModel = (route: string, payload: Fields): Promise<Response> =>
  fetch(tgi.url + route, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });

const read = async (response: Response) => ({
  status: response.status,
  type: response.headers.get("content-type"),
  tokens: response.headers.get("x-generated-tokens"),
  text: await response.text(),
});

for (const { bad, good, route, streamed } of cases) {
  verifies(["tgi/routes"], `${route} answers what the model answers, whole and streamed`, async () => {
    for (const payload of streamed === undefined ? [good] : [good, streamed]) {
      const direct = await read(await askModel(route, payload));
      expect(direct).toMatchObject({ status: 200, text: expect.stringContaining("stand-in") });
      for (const sent of route.startsWith("/v1/") ? [payload, { input: payload }] : [payload]) {
        expect(await read(await worker.send(route, sent))).toEqual(direct);
        expect(JSON.parse(String(seenAt(route).at(-1)?.body))).toMatchObject(payload);
      }
    }
  });

  verifies(["tgi/bad-fields"], `${route} refuses wrong fields by their paths`, async () => {
    const before = seenAt(route).length;
    for (const [payload, field] of bad) {
      const answer = await worker.send(route, payload);
      const body: Record<string, object> = Object(await answer.json());
      expect([payload, answer.status, Object.keys(body.payload ?? {})]).toEqual([payload, 422, [field]]);
    }
    expect(seenAt(route)).toHaveLength(before);
  });

  verifies(["tgi/disconnect", "F3"], `${route} stops the model when its client leaves`, async () => {
    for (const fault of streamed === undefined ? [{ stall: true }] : [{ stall: true }, { stallAfterChunks: 2 }]) {
      tgi.faults.set(fault);
      const before = seenAt(route).length;
      const payload = streamed ?? good;
      const client = await connectRaw(worker.port);
      client.send(rawPost(route, JSON.stringify({ auth_data: worker.authData(), session_id: null, payload })));
      await until(() => seenAt(route).length === before + 1);
      await until(() => "stall" in fault || client.received().includes("data:"));
      expect(seenAt(route).at(-1)?.abortedAt).toBeUndefined();
      client.close();
      await until(() => seenAt(route).at(-1)?.abortedAt !== undefined, { what: () => "the model to hear of it" });
      await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
      expect(await worker.metric("pyworker_load")).toBe(0);
    }
  });
}

const streams = cases.flatMap(({ route, streamed }) => (streamed === undefined ? [] : [{ route, payload: streamed }]));
const workers: readonly [count: string, () => WorkerUnderTest][] = [
  ["tokens", () => worker],
  ["max_tokens", () => countsMaxTokens],
];

for (const [count, workerOf] of workers) {
  verifies(["tgi/stream-errors"], `an error in a stream is an error where ${count} are counted`, async () => {
    tgi.faults.set({ errorAfterChunks: 3 });
    for (const text of await Promise.all(streams.map((stream) => expectError(workerOf(), stream)))) {
      expect(text).toContain("CUDA out of memory");
    }
    // After a failure the model server is unwell, until it has answered somebody.
    tgi.faults.set({});
    expect((await askModel("/generate", generate)).status).toBe(200);
  });

  verifies(["tgi/stream-errors"], `a refusal in a stream is an error where ${count} are counted`, async () => {
    const tooMuch = streams.map(({ payload, route }) => ({
      route,
      payload: { ...payload, max_tokens: 9000, parameters: { max_new_tokens: 9000 } },
    }));
    for (const text of await Promise.all(tooMuch.map((stream) => expectError(workerOf(), stream)))) {
      expect(text).toContain("must be <= 8192");
    }
  });
}

/** The text of an answer that says 200, and that is booked as an error. */
async function expectError(under: WorkerUnderTest, { payload, route }: (typeof streams)[number]): Promise<string> {
  const auth = under.authData();
  const answer = await under.send(route, payload, { auth });
  const text = await answer.text();
  expect([route, answer.status, text]).toEqual([route, 200, expect.stringContaining('"error"')]);
  const deletion = await until(() =>
    under.engine.deletions.find(({ request_idx: index }) => index === auth.request_idx),
  );
  expect([route, deletion]).toEqual([route, expect.objectContaining({ status: "Error", success: false })]);
  return text;
}

verifies(
  ["tgi/passthrough", "passthrough/signed"],
  "passes what the model server is on, to who is signed",
  async () => {
    const header = Buffer.from(JSON.stringify(worker.authData())).toString("base64url");
    for (const path of ["/info", "/v1/models"]) {
      const direct = await (await fetch(tgi.url + path)).json();
      const answer = await fetch(worker.url + path, { headers: { "x-serverless-auth": header } });
      expect([answer.status, await answer.json()]).toEqual([200, direct]);
      expect((await fetch(worker.url + path)).status).toBe(401);
    }
    expect((await fetch(`${worker.url}/metrics`, { headers: { "x-serverless-auth": header } })).status).toBe(404);
  },
);
