import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { startTestServer, type TestServer } from "../test-server.test.fixture.ts";
import { createHealthProbe, type HealthProbe } from "./health.ts";

const opened: { server: TestServer; probe: HealthProbe }[] = [];
afterEach(async () => {
  for (const { probe, server } of opened.splice(0)) {
    await probe.stop();
    await server.close();
  }
});

const ok: RequestListener = (_request, response) => void response.writeHead(200).end("ok");
const unwell: RequestListener = (_request, response) => void response.writeHead(503).end("loading");
const breaks: RequestListener = (_request, response) => void response.destroy();
const hangs: RequestListener = () => {};

async function setUp(
  first: RequestListener,
  options: {
    threshold?: number;
    intervalMilliseconds?: number;
    patienceMilliseconds?: number;
    timeoutMilliseconds?: number;
    distrustMilliseconds?: number;
  } = {},
) {
  const model = { answer: first, probes: 0, inFlight: 0, mostInFlight: 0, connections: new Set<unknown>() };
  const server = await startTestServer((request, response) => {
    model.probes += 1;
    model.inFlight += 1;
    model.mostInFlight = Math.max(model.mostInFlight, model.inFlight);
    model.connections.add(request.socket);
    response.on("close", () => {
      model.inFlight -= 1;
    });
    model.answer(request, response);
  });
  const events: string[] = [];
  const probe = createHealthProbe({
    url: () => `${server.url}/health`,
    onUp: () => events.push("up"),
    onDown: (message) => events.push(`down: ${message}`),
    intervalMilliseconds: 1,
    ...options,
  });
  opened.push({ server, probe });
  return { events, model, probe, server };
}

const never = new AbortController().signal;

describe("waitUntilUp", () => {
  test("waits through everything but a 200, and calls none of it a failure", async () => {
    const { events, model, probe } = await setUp(unwell, { timeoutMilliseconds: 50 });
    let isUp = false;
    const up = probe.waitUntilUp(never).then(() => {
      isUp = true;
    });
    for (const answer of [unwell, breaks, hangs, unwell] satisfies RequestListener[]) {
      model.answer = answer;
      const before = model.probes;
      await until(() => model.probes >= before + 2);
    }
    expect(isUp).toBe(false);
    model.answer = ok;
    await up;
    expect(events).toEqual([]);
  });

  test.each([201, 204, 301, 404, 500])("does not take %d for well", async (status) => {
    const { model, probe } = await setUp((_request, response) => {
      response.writeHead(status, { location: "/elsewhere" }).end();
    });
    const controller = new AbortController();
    const waited = probe.waitUntilUp(controller.signal);
    await until(() => model.probes >= 2);
    controller.abort(new Error("enough"));
    await expect(waited).rejects.toThrow("enough");
  });

  test("needs the status only, not the end of the answer", async () => {
    const { probe } = await setUp(
      (_request, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("o");
      },
      { timeoutMilliseconds: 50 },
    );
    await probe.waitUntilUp(never);
  });

  test("gives up after its patience, says how long that was, and says when it is up after all", async () => {
    const { events, model, probe } = await setUp(unwell, { patienceMilliseconds: 100 });
    await expect(probe.waitUntilUp(never)).rejects.toThrow("did not answer 200 within 0.1 s");
    expect(events).toEqual([]);
    model.answer = ok;
    await until(() => events.length > 0);
    expect(events).toEqual(["up"]);
  });

  test("ends at once when aborted, before or while it waits", async () => {
    const { probe } = await setUp(hangs, { timeoutMilliseconds: 50 });
    await expect(probe.waitUntilUp(AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
    const controller = new AbortController();
    const waited = probe.waitUntilUp(controller.signal);
    controller.abort(new Error("stopping"));
    await expect(waited).rejects.toThrow("stopping");
  });

  test("rejects when the probe is stopped", async () => {
    const { probe } = await setUp(hangs, { timeoutMilliseconds: 50 });
    const waited = probe.waitUntilUp(never);
    const rejected = expect(waited).rejects.toThrow();
    await probe.stop();
    await rejected;
    await expect(probe.waitUntilUp(never)).rejects.toThrow();
  });

  test("answers all who wait", async () => {
    const { model, probe } = await setUp(unwell);
    const waited = Promise.all([1, 2, 3].map(() => probe.waitUntilUp(never)));
    model.answer = ok;
    await waited;
  });

  test("asks at once, and does not wait for the next poll", async () => {
    const { probe } = await setUp(ok, { intervalMilliseconds: 600_000 });
    await probe.waitUntilUp(never);
    await probe.waitUntilUp(never);
  });
});

describe("afterwards", () => {
  test.each([
    ["an error status", unwell, "down: status 503"],
    ["a broken connection", breaks, "down: "],
    ["silence", hangs, "down: The operation was aborted due to timeout"],
  ])("%s three times in a row is down, once, and the next 200 is up", async (_what, answer, event) => {
    const { events, model, probe } = await setUp(ok, { timeoutMilliseconds: 50 });
    await probe.waitUntilUp(never);
    model.answer = answer;
    const before = model.probes;
    await until(() => events.length > 0);
    expect(model.probes - before).toBeGreaterThanOrEqual(3);
    expect(events).toHaveLength(1);
    expect(events[0]).toContain(event);
    expect(events[0]?.length).toBeGreaterThan("down: ".length);
    const probes = model.probes;
    await until(() => model.probes > probes);
    model.answer = ok;
    await until(() => events.length > 1);
    expect(events.slice(1)).toEqual(["up"]);
  });

  test("fewer failures in a row than the threshold are nothing", async () => {
    const { events, model, probe } = await setUp(ok);
    await probe.waitUntilUp(never);
    let count = 0;
    model.answer = (request, response) => {
      count += 1;
      (count % 3 === 0 ? ok : unwell)(request, response);
    };
    await until(() => count >= 7);
    expect(events).toEqual([]);
  });

  test("a model server that is gone is down, and up when it is back", async () => {
    const { events, probe, server } = await setUp(ok, { threshold: 2 });
    await probe.waitUntilUp(never);
    await server.close();
    await until(() => events.length > 0);
    expect(events[0]).toMatch(/^down: .*(ECONNREFUSED|closed)/);
  });

  test("waits for it while it is down end with the first 200", async () => {
    const { events, model, probe } = await setUp(ok, { threshold: 1 });
    await probe.waitUntilUp(never);
    model.answer = unwell;
    await until(() => events.length === 1);
    const up = probe.waitUntilUp(never);
    model.answer = ok;
    await up;
    expect(events).toEqual(["down: status 503", "up"]);
  });
});

test("one probe answers all who came while it was under way", async () => {
  const { model, probe } = await setUp(
    (_request, response) => {
      model.answer = ok;
      held.push(response);
    },
    { intervalMilliseconds: 600_000 },
  );
  const held: ServerResponse[] = [];
  const waited = Promise.all(Array.from({ length: 10 }, () => probe.waitUntilUp(never)));
  await until(() => held.length === 1);
  held[0]?.writeHead(200).end();
  await waited;
  await expect(until(() => model.probes > 1, { timeoutMs: 50 })).rejects.toThrow();
});

test("probes never overlap, and have a connection of their own that is kept", async () => {
  const { model, probe } = await setUp((_request, response) => {
    setImmediate(() => response.writeHead(200).end());
  });
  for (let count = 0; count < 10; count += 1) {
    await Promise.all([probe.waitUntilUp(never), probe.waitUntilUp(never)]);
  }
  expect(model.mostInFlight).toBe(1);
  expect(model.connections.size).toBe(1);
});

test("nothing is probed once stopped", async () => {
  const { events, model, probe } = await setUp(ok);
  await probe.waitUntilUp(never);
  await probe.stop();
  await until(() => model.inFlight === 0);
  const { probes } = model;
  model.answer = unwell;
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(model.probes).toBe(probes);
  expect(events).toEqual([]);
});

describe("distrust", () => {
  test("ends with a 200 after its time, which counts as recovery", async () => {
    const { events, model, probe } = await setUp(ok, { distrustMilliseconds: 100 });
    await probe.waitUntilUp(never);
    const startedAt = performance.now();
    probe.distrust();
    await until(() => events.length > 0);
    expect(events).toEqual(["up"]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(100);
    expect(model.probes).toBeGreaterThan(2);
  });

  test("ends at once where a new beginning is waited for, and failures count again", async () => {
    const { events, model, probe } = await setUp(ok, { distrustMilliseconds: 60_000 });
    await probe.waitUntilUp(never);
    probe.distrust();
    await probe.waitUntilUp(never);
    model.answer = unwell;
    await until(() => events.length > 0);
    expect(events).toEqual(["down: status 503"]);
  });

  test("until it has been down ends with no 200 before that", async () => {
    const { events, model, probe } = await setUp(ok, { distrustMilliseconds: 1 });
    await probe.waitUntilUp(never);
    probe.distrustUntilDown();
    const { probes } = model;
    await until(() => model.probes > probes + 5);
    expect(events).toEqual([]);
    model.answer = unwell;
    const failing = model.probes;
    await until(() => model.probes > failing + 1);
    model.answer = ok;
    await until(() => events.includes("up"));
  });

  test("of a model that fails as well ends with it", async () => {
    const { events, model, probe } = await setUp(ok, { distrustMilliseconds: 1 });
    await probe.waitUntilUp(never);
    model.answer = unwell;
    probe.distrust();
    await until(() => events.length > 0);
    model.answer = ok;
    await until(() => events.length > 1);
    expect(events).toEqual(["down: status 503", "up"]);
  });
});

test("checks once what is wrong right now", async () => {
  const { model, probe } = await setUp(unwell);
  expect(await probe.check()).toBe("status 503");
  model.answer = ok;
  expect(await probe.check()).toBeUndefined();
});
