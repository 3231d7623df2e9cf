import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type FaultSettings, until } from "@pyworker/testing";
import { type LocalService, startService } from "./local-service.ts";
import { installMilliseconds, preparePython, runScript } from "./python.ts";

const payload = { prompt: "hello", max_tokens: 3 };
const route = "/v1/completions";

let python: string;
let service: LocalService | undefined;

beforeAll(async () => {
  python = await preparePython();
}, installMilliseconds);

afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<LocalService> {
  service = await startService({ env });
  return service;
}

async function startLoaded(env: Readonly<Record<string, string>> = {}): Promise<LocalService> {
  const started = await start(env);
  await started.load();
  return started;
}

interface RunOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

const run = <Printed>(script: string, { engineUrl }: LocalService, { args = [], env = {} }: RunOptions = {}) =>
  runScript(python, script, { args, env: { ENGINE_URL: engineUrl, ...env } }) as Promise<Printed>;

/** What the Python client returns for a request, as far as it can be printed. */
interface ClientResult {
  ok: boolean;
  status: number;
  url: string;
  request_idx: number;
  auth_data: Record<string, unknown>;
  response: unknown;
}

const ask = (started: LocalService, asked: object = payload, env: Readonly<Record<string, string>> = {}) =>
  run<ClientResult>("request.py", started, { args: [route, JSON.stringify(asked)], env });

/** Waits until the worker has reported how a request ended. */
const endOf = ({ engine }: LocalService, requestIdx: number, status: string): Promise<boolean> =>
  until(() => engine.ended().get(requestIdx) === status, {
    what: () => `request ${requestIdx} to end as ${status}; ended are ${JSON.stringify([...engine.ended()])}`,
  });

const textOf = (events: unknown): string =>
  (events as { choices: { text: string }[] }[]).map(({ choices }) => choices[0]?.text).join("");

describe("the Python client, through the engine", () => {
  test("gets an answer, and the engine hears that the request was served", async () => {
    const started = await startLoaded();
    const result = await ask(started);
    expect(result).toMatchObject({
      ok: true,
      status: 200,
      url: started.workerUrl,
      response: { object: "text_completion", choices: [{ text: "This is a" }] },
      auth_data: { url: started.workerUrl, endpoint: "local", cost: "16", request_idx: result.request_idx },
    });
    expect(started.posts().map(({ body, path }) => ({ path, payload: JSON.parse(body.toString()) }))).toEqual([
      { path: route, payload },
    ]);
    await endOf(started, result.request_idx, "Success");
    expect(started.engine.violations()).toEqual([]);
  });

  test("gets a stream, event by event", async () => {
    const started = await startLoaded();
    const result = await ask(started, { ...payload, stream: true });
    expect(result).toMatchObject({ ok: true, status: 200 });
    expect(result.response).toHaveLength(payload.max_tokens);
    expect(textOf(result.response)).toBe("This is a");
    await endOf(started, result.request_idx, "Success");
    expect(started.engine.violations()).toEqual([]);
  });

  test("gets a chat's answer", async () => {
    const started = await startLoaded();
    const chat = { messages: [{ role: "user", content: "hello" }], max_tokens: 2 };
    const args = ["/v1/chat/completions", JSON.stringify(chat)];
    const result = await run<ClientResult>("request.py", started, { args });
    expect(result).toMatchObject({ ok: true, response: { choices: [{ message: { content: "This is" } }] } });
    await endOf(started, result.request_idx, "Success");
    expect(started.engine.violations()).toEqual([]);
  });

  test("gets the model's refusal as it is, and does not repeat the request", async () => {
    const started = await startLoaded();
    const result = await ask(started, { ...payload, model: "another" });
    expect(result).toMatchObject({ ok: false, status: 404, response: { error: { code: 404 } } });
    expect(started.posts()).toHaveLength(1);
    await endOf(started, result.request_idx, "Error");
    expect(started.engine.violations()).toEqual([]);
  });

  test.each<[string, FaultSettings]>([
    ["answers 503", { status: 503 }],
    ["breaks the connection, which the worker answers 502", { refuse: true }],
  ])("repeats a request whose model first %s", async (_what, faults) => {
    const started = await startLoaded();
    started.model.faults.set(faults);
    const asked = ask(started);
    await until(() => started.posts().length > 0, { timeoutMs: 20_000, what: () => "the model to be asked" });
    started.model.faults.set({});
    const result = await asked;
    expect(result).toMatchObject({ ok: true, status: 200 });
    expect(started.posts().length).toBeGreaterThan(1);
    await endOf(started, result.request_idx, "Success");
    expect(started.engine.violations()).toEqual([]);
  });

  test("makes several requests at once", async () => {
    const count = 16;
    const started = await startLoaded();
    const results = await run<(ClientResult & { tracked: string })[]>("requests_at_once.py", started, {
      args: [String(count)],
    });
    expect(results).toHaveLength(count);
    for (const [index, result] of results.entries()) {
      expect(result).toMatchObject({
        ok: true,
        tracked: "Complete",
        response: { usage: { completion_tokens: index + 1 } },
      });
      await endOf(started, result.request_idx, "Success");
    }
    expect(new Set(results.map(({ request_idx: index }) => index)).size).toBe(count);
    expect(started.engine.violations()).toEqual([]);
  });

  test("sees the endpoint's workers", async () => {
    const started = await startLoaded();
    expect(await run("workers.py", started)).toEqual([expect.objectContaining({ id: 1, status: "ready", perf: 1000 })]);
    expect(started.engine.violations()).toEqual([]);
  });
});

interface SessionResult {
  is_open: boolean;
  session_id: string;
  auth_data: { request_idx: number };
  answer: ClientResult;
  lifetime: number;
  prolonged: number;
  use_after_end: string;
  look_after_end: string;
}

test("the Python client opens a session, uses it and ends it, and the worker calls on_close", async () => {
  const started = await startLoaded();
  const result = await run<SessionResult>("session.py", started);
  expect(result).toMatchObject({
    is_open: true,
    answer: { ok: true, status: 200, url: started.workerUrl },
    lifetime: 30,
    prolonged: 30,
    use_after_end: "ValueError: Cannot make request on closed session.",
    look_after_end: expect.stringContaining("session does not exist"),
  });
  const closed = started.posts().filter(({ path }) => path === "/closed");
  expect(closed.map(({ body }) => JSON.parse(body.toString()))).toEqual([
    { session_id: result.session_id, why: "over" },
  ]);
  await endOf(started, result.auth_data.request_idx, "Success");
  expect(started.engine.violations()).toEqual([]);
});

describe("the Python client with VAST_DEBUG_WORKER_URL", () => {
  const debug = ({ workerUrl }: LocalService) => ({ VAST_DEBUG_WORKER_URL: workerUrl });

  test("talks to a worker that checks no signatures, past the engine", async () => {
    const started = await startLoaded({ UNSECURED: "true" });
    const result = await ask(started, payload, debug(started));
    expect(result).toMatchObject({ ok: true, auth_data: { request_idx: 1, url: started.workerUrl } });
    expect(Object.keys(result.auth_data)).toHaveLength(2);
    expect(started.engine.violations()).toEqual([]);
  });

  test("repeats a request until the worker is ready", async () => {
    const started = await start({ UNSECURED: "true" });
    const asked = ask(started, payload, debug(started));
    // The worker has refused it.
    await until(() => started.engine.ended().get(1) === "Rejected", { timeoutMs: 20_000, what: () => "a refusal" });
    await started.load();
    expect(await asked).toMatchObject({ ok: true, status: 200 });
    expect(started.posts()).toHaveLength(1);
    expect(started.engine.violations()).toEqual([]);
  });
});
