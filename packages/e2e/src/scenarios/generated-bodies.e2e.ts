import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { fuzz, handlerRoute, sessionRoutes } from "../harness/fuzz.ts";
import { startModel } from "../harness/start-model.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const seed = 20_260_101;
const cleanUp = createCleanUps();
let worker: WorkerUnderTest;

beforeAll(async () => {
  const model = await startModel((_request, response) => response.end("done"));
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
});

/** It is the process that was started, nothing broke in it, nothing is left over, and it serves. */
async function expectUnharmed(unharmed: WorkerUnderTest, route: string, payload: object): Promise<void> {
  expect((await unharmed.send(route, payload)).status).toBe(200);
  const gauges = (): Promise<number[]> =>
    Promise.all(["pyworker_requests_in_progress", "pyworker_sessions"].map((name) => unharmed.metric(name)));
  // Sessions expire meanwhile: the one may be read before, the other behind it.
  await until(async () => new Set(await gauges()).size === 1, { what: () => "no request but the sessions' own" });
  expect(unharmed.process.output()).not.toMatch(/"level":[56]0/);
}

verifies(["F9", "D26"], "refuses generated bodies at every route by naming their fault", async () => {
  const priced = { kind: "succeeds", cost: 3 };
  const strict = { prompt: "hello", size: { width: 8 } };
  const routes = [
    ...["/parallel", "/serial-a", "/bad-workload", "/transform", "/multipart", "/respond", "/settle"].map((route) =>
      handlerRoute(worker, route, priced),
    ),
    handlerRoute(worker, "/strict", strict),
    handlerRoute(worker, "/strict", strict),
    handlerRoute(worker, "/execute", { steps: 2 }),
    ...sessionRoutes(worker),
  ];
  const { answers, faults, wrong } = await fuzz({ url: worker.url, routes, count: 2000, seed });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(Math.min(...faults.values())).toBeGreaterThan(20);
  expect([answers.has(200), answers.has(401), answers.has(422)]).toEqual([true, true, true]);
  await expectUnharmed(worker, "/parallel", priced);
});

verifies(["F9", "D26"], "refuses them at the internal port too", async () => {
  const { wrong } = await fuzz({ url: worker.internalUrl, routes: sessionRoutes(worker).slice(3), count: 200, seed });
  expect(wrong.slice(0, 5)).toEqual([]);
  await expectUnharmed(worker, "/parallel", {});
});

verifies(["F9", "D26", "text/bad-fields"], "refuses them at the routes for text", async () => {
  const model = await startModel((_request, response) => response.end("{}"));
  cleanUp(() => model.stop());
  const text = await startWorker({ modelUrl: model.url });
  cleanUp(() => text.stop());
  await text.becomeReady();
  const completion = { prompt: "hello", max_tokens: 4, n: 1, stream: true };
  const chat = { messages: [{ role: "user", content: "hello" }], max_tokens: 4, stream: true, tools: [] };
  const routes = [
    handlerRoute(text, "/v1/completions", completion),
    handlerRoute(text, "/v1/completions", { input: completion }),
    handlerRoute(text, "/v1/chat/completions", chat),
  ];
  const { wrong } = await fuzz({ url: text.url, routes, count: 1000, seed });
  expect(wrong.slice(0, 5)).toEqual([]);
  await expectUnharmed(text, "/v1/completions", completion);
});

verifies(["F9", "D26"], "refuses auth_data in a header or a query that can't be read", async () => {
  const encoded = (text: string): string => Buffer.from(text).toString("base64url");
  const fields = { cost: "1", endpoint: "e", reqnum: 1, request_idx: 1, signature: "x", url: worker.url };
  const headers = [
    "%%%",
    encoded("{"),
    encoded("[]"),
    encoded("null"),
    encoded("1"),
    encoded("[".repeat(4000)),
    encoded('{"__proto__":{"cost":1}}'),
    ...Object.keys(fields).map((name) => encoded(JSON.stringify({ ...fields, [name]: [] }))),
  ];
  const queries = ["serverless_=1", "serverless_cost=%zz", "serverless_reqnum=x"];
  for (const header of headers) {
    const answer = await fetch(`${worker.url}/view`, { headers: { "x-serverless-auth": header } });
    expect([header, [401, 422].includes(answer.status)]).toEqual([header, true]);
    expect(await answer.json()).not.toEqual({});
  }
  for (const query of queries) {
    const answer = await fetch(`${worker.url}/view?${query}`);
    expect([query, answer.status]).toEqual([query, 422]);
    expect(await answer.json()).toHaveProperty("auth_data");
  }
  await expectUnharmed(worker, "/parallel", {});
});
