import type { ServerResponse } from "node:http";
import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { reported, startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
let model: Model;
let worker: WorkerUnderTest;
let streaming: ServerResponse | undefined;
let steps: readonly number[] = [];

beforeAll(async () => {
  model = await startModel(({ body }, response) => {
    const { say = "from the model" } = JSON.parse(body.toString().startsWith("{") ? body.toString() : "{}");
    if (Array.isArray(say)) {
      steps = say;
      response.write(String(say[0]));
      streaming = response;
    } else {
      response.end(say);
    }
  });
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.log("LOADED");
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
});

verifies(["forward/multipart"], "sends a form where transform answers one", async () => {
  expect((await worker.send("/multipart", {})).status).toBe(200);
  const { body, headers } = model.requests.at(-1) ?? { headers: {} };
  expect(headers["content-length"]).toBe(String(body?.length));
  const form = await new Response(body ?? null, {
    headers: { "content-type": String(headers["content-type"]) },
  }).formData();
  const file = form.get("file");
  expect(form.get("model")).toBe("m");
  expect(form.get("options")).toBe('{"a":1}');
  expect(file).toMatchObject({ name: "a.txt", type: "text/plain" });
  expect(file instanceof File && (await file.text())).toBe("hello");
});

verifies(["forward/respond"], "answers what respond makes of the model's answer", async () => {
  const response = await worker.send("/respond", {});
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ shaped: "from the model" });
});

verifies(["queue/remaining"], "reports as load what remains, and as served all that a request cost", async () => {
  const { engine } = worker;
  await reported(worker);
  const before = { received: engine.sum("new_load"), served: engine.sum("cur_perf") };
  const sent = worker.send("/remaining", { cost: 500, say: [320, 70] });
  await until(() => streaming);
  await engine.status(({ cur_load }) => cur_load === 320);
  streaming?.write(String(steps[1]));
  await engine.status(({ cur_load }) => cur_load === 70);
  streaming?.end();
  await (await sent).text();
  await until(() => engine.sum("cur_perf") === before.served + 500);
  await until(() => engine.sum("new_load") === before.received + 500);
  expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_working: 0 });
});

verifies(["queue/failed-answers"], "books an answer that its handler calls failed as an error", async () => {
  const served = () => worker.engine.sum("cur_perf");
  const text = 'data: {"error": "out of memory"}\n\n';
  const servedBefore = served();
  const streamed = await worker.send(
    "/fail",
    { say: text, cost: 1000 },
    { auth: worker.authData({ request_idx: 80_101 }) },
  );
  expect([streamed.status, await streamed.text()]).toEqual([200, text]);
  const shaped = await worker.send(
    "/fail-shaped",
    { say: text, cost: 1000 },
    { auth: worker.authData({ request_idx: 80_102 }) },
  );
  expect([shaped.status, await shaped.json()]).toEqual([200, { shaped: text }]);
  await worker.send("/fail", { cost: 3 }, { auth: worker.authData({ request_idx: 80_103 }) });
  const statusOf = (index: number) =>
    until(() => worker.engine.deletions.find(({ request_idx }) => request_idx === index)).then(({ status }) => status);
  expect(await Promise.all([80_101, 80_102, 80_103].map(statusOf))).toEqual(["Error", "Error", "Success"]);
  await until(() => served() > servedBefore);
  expect(served() - servedBefore).toBeLessThan(1000);
  expect(await worker.metric("pyworker_requests_total", { route: "/fail", outcome: "error", status: "200" })).toBe(1);
});

verifies(["execute/result"], "answers what execute returns, and 500 when it throws", async () => {
  const done = await worker.send("/execute", {});
  expect(await done.json()).toEqual({ result: { done: true } });
  const failed = await worker.send("/execute", { fail: true });
  expect(failed.status).toBe(500);
  expect(await failed.json()).toEqual({ error: "the handler failed" });
  expect(worker.process.output()).toContain("told to fail");
});

verifies(["execute/progress"], "sends progress to a client that accepts events", async () => {
  const response = await worker.send("/execute", {}, { headers: { accept: "text/event-stream" } });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(await response.text()).toBe(
    [{ progress: { step: 1 } }, { progress: { step: 2 } }, { result: { done: true } }]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(""),
  );
});

verifies(["execute/signal"], "tells execute that its client has left", async () => {
  const leave = new AbortController();
  const auth = worker.authData({ request_idx: 80_001 });
  const sent = worker.send("/execute", { wait: true }, { auth, signal: leave.signal }).catch(() => "left");
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 1);
  leave.abort();
  expect(await sent).toBe("left");
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
  const deletion = await until(() => worker.engine.deletions.find(({ request_idx }) => request_idx === 80_001));
  expect(deletion).toMatchObject({ status: "Cancelled" });
  expect(await worker.metric("pyworker_requests_total", { route: "/execute", status: "499" })).toBe(1);
});
