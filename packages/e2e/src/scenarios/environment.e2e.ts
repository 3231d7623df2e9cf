import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { apps } from "../harness/apps.ts";
import { freePorts } from "../harness/free-ports.ts";
import { listening } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { accepts, said, statusAfter } from "../harness/wait-for.ts";

const { startEngine, startModel, startModelServer, startVllmServer, startWorker } = createStarters();

verifies(["env/ports"], "listens on WORKER_PORT, and on WORKER_HTTP_PORT or the next port up", async () => {
  const usual = await startWorker();
  await listening(usual);
  expect(await accepts(usual.port + 1)).toBe(true);
  expect((await usual.post("/v1/completions", "{}")).status).toBe(422);
  const { port } = await freePorts();
  const other = await startWorker({ env: { WORKER_HTTP_PORT: String(port) } });
  await listening(other);
  expect(await accepts(port)).toBe(true);
  expect((await other.post("/v1/completions", "{}")).status).toBe(422);
  expect(await accepts(other.port + 1)).toBe(false);
});

verifies(
  ["env/internal-loopback", "D35"],
  "offers nothing but its four routes on the internal port, to this machine alone",
  async () => {
    const worker = await startWorker();
    await listening(worker);
    // All of 127.0.0.0/8 is this machine, and whoever listens on every interface listens there too.
    expect(await accepts(worker.port + 1, "127.0.0.2")).toBe(false);
    const ask = async (method: string, path: string): Promise<number> =>
      (await fetch(worker.internalUrl + path, { method, ...(method === "POST" && { body: "{}" }) })).status;
    expect([await ask("GET", "/metrics"), await ask("GET", "/healthz")]).toEqual([200, 200]);
    expect([await ask("GET", "/readyz"), await ask("POST", "/session/end")]).toEqual([503, 422]);
    for (const path of ["/v1/completions", "/session/create", "/session/get", "/session/health", "/pyworker/update"]) {
      expect(await ask("POST", path)).toBe(404);
    }
  },
);

verifies(["env/identity"], "reports who it is, and where it is reached", async () => {
  const { port } = await freePorts();
  const worker = await startWorker({
    env: {
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: "40123",
      PUBLIC_IPADDR: "203.0.113.7",
      CONTAINER_ID: "987654321",
      MASTER_TOKEN: "token of the day",
      PYWORKER_VERSION: "9.8.7",
    },
  });
  expect(await worker.engine.status(() => true)).toMatchObject({
    id: 987_654_321,
    mtoken: "token of the day",
    version: "9.8.7",
    url: "http://203.0.113.7:40123",
  });
  const usual = await startWorker({ env: { PUBLIC_IPADDR: "2001:db8::7", MASTER_TOKEN: undefined } });
  expect(await usual.engine.status(() => true)).toMatchObject({
    mtoken: "",
    version: "1.1.0",
    url: `http://[2001:db8::7]:${usual.port}`,
  });
});

verifies(["env/unsecured", "D43"], "needs nothing else to start where UNSECURED is true, and warns", async () => {
  const model = await startVllmServer();
  const { port } = await freePorts();
  const worker = await startWorker({
    modelUrl: model.url,
    env: {
      UNSECURED: "true",
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: undefined,
      CONTAINER_ID: undefined,
      PUBLIC_IPADDR: undefined,
      MASTER_TOKEN: undefined,
    },
  });
  const status = await worker.becomeReady();
  expect(status).toMatchObject({ id: 0, mtoken: "", url: `http://127.0.0.1:${port}` });
  await said(worker, "UNSECURED is true: signatures are not checked");
  const payload = { prompt: "hello", max_tokens: 3 };
  const bodies = [payload, { payload }, { auth_data: { request_idx: 1 }, payload }];
  for (const body of [...bodies, { auth_data: { ...worker.authData(), signature: "forged" }, payload }]) {
    expect((await worker.post("/v1/completions", body)).status).toBe(200);
  }
  const completions = model.requests.filter(({ path }) => path === "/v1/completions");
  expect(completions.map(({ body }) => JSON.parse(body.toString()))).toEqual(Array(4).fill(payload));
});

verifies(["env/model-server"], "finds the model server where MODEL_SERVER_URL and _PORT say", async () => {
  const model = await startModel((_request, response) => response.end("answered"));
  const { port } = new URL(model.url);
  const program = "every-feature";
  const byPort = await startWorker({ program, modelUrl: "http://127.0.0.1", env: { MODEL_SERVER_PORT: port } });
  await byPort.becomeReady();
  expect(await (await byPort.send("/parallel", {})).text()).toBe("answered");
  expect(model.requests.at(-1)?.url).toBe("/parallel");
  const byUrl = await startWorker({ program, modelUrl: `${model.url}/base/path/` });
  await byUrl.becomeReady();
  expect(await (await byUrl.send("/parallel", {})).text()).toBe("answered");
  expect(model.requests.at(-1)?.url).toBe("/base/path/parallel");
});

verifies(["env/model-log"], "reads the log and the patterns that the environment names", async () => {
  const model = await startModel((_request, response) => response.end());
  const worker = await startWorker({
    program: "every-feature",
    modelUrl: model.url,
    env: {
      MODEL_LOAD_LOG_MSG: "up at last\nup again",
      MODEL_ERROR_LOG_MSGS: "gone bad\ngone worse",
      MODEL_INFO_LOG_MSGS: "by the way\nnota bene",
    },
  });
  await worker.log("LOADED", "FATAL", "nota bene: these mean nothing here", "up again");
  expect(await worker.engine.status(({ max_perf }) => max_perf === 1000)).toMatchObject({ error_msg: "" });
  await said(worker, "nota bene: these mean nothing here");
  expect(worker.engine.statuses.filter(({ error_msg }) => error_msg !== "")).toEqual([]);
  await worker.log("it has gone worse");
  expect(await worker.engine.status(({ error_msg }) => error_msg !== "")).toMatchObject({ error_msg: "gone worse" });
});

verifies(["env/health-endpoint"], "polls a path of the model server, or any URL", async () => {
  const model = await startModel((_request, response) => response.end());
  const elsewhere = await startModel((_request, response) => response.end());
  const program = "every-feature";
  const byPath = await startWorker({ program, modelUrl: model.url, env: { MODEL_HEALTH_ENDPOINT: "/are/you?well" } });
  await byPath.becomeReady();
  expect(model.requests.map(({ method, url }) => `${method} ${url}`)).toContain("GET /are/you?well");
  // It would go on asking, and be counted.
  await byPath.stop();
  const modelRequests = model.requests.length;
  const byUrl = await startWorker({
    program,
    modelUrl: model.url,
    env: { MODEL_HEALTH_ENDPOINT: `${elsewhere.url}/well` },
  });
  await byUrl.becomeReady();
  expect(elsewhere.requests.map(({ method, url }) => `${method} ${url}`)).toContain("GET /well");
  expect(model.requests).toHaveLength(modelRequests);
});

verifies(["env/errors-at-once", "report/beacon"], "names every wrong variable before anything listens", async () => {
  const { internalPort, port } = await freePorts();
  const worker = await startWorker({
    env: {
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: undefined,
      CONTAINER_ID: "seven",
      PUBLIC_IPADDR: undefined,
      USE_SSL: "maybe",
      MODEL_SERVER_PORT: "70000",
    },
  });
  const { error_msg: message, ...rest } = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect([await accepts(port), await accepts(internalPort)]).toEqual([false, false]);
  expect(rest).toMatchObject({ mtoken: "master-token", version: "1.1.0", max_perf: 0 });
  for (const text of [String(message), worker.process.output().replaceAll("\\n", "\n").replaceAll('\\"', '"')]) {
    expect(text).toContain('CONTAINER_ID: expected a whole number, found "seven"');
    expect(text).toContain("PUBLIC_IPADDR: expected an IP address or a host name, found nothing");
    expect(text).toContain('USE_SSL: expected true or false, found "maybe"');
    expect(text).toContain('MODEL_SERVER_PORT: expected a port from 1 to 65535, found "70000"');
    expect(text).toContain(`VAST_TCP_PORT_${port}: expected a port from 1 to 65535, found nothing`);
  }
  expect(await worker.process.stop()).toBe(1);
});

for (const { answer: expected, env, name, request, startModel: startModelOf } of apps) {
  verifies(
    ["env/npm-start"],
    `${name} runs by npm start in the app's folder, and stops as npm is told to`,
    async () => {
      const model = await startModelServer(startModelOf);
      const engine = await startEngine();
      const worker = await startWorker({
        program: name,
        launcher: "npm",
        modelUrl: model.url,
        engine,
        env: { ...env, HOME: process.env.HOME, npm_config_logs_max: "0", npm_config_update_notifier: "false" },
      });
      await worker.becomeReady();
      const answer = await worker.send(request.route, request.payload);
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(expected)]);
      // The worker itself must hear of it: it reports that it takes no more.
      await statusAfter(
        engine,
        () => worker.stop(),
        ({ max_perf }) => max_perf === 0,
      );
      await until(async () => !(await accepts(worker.port)));
    },
  );
}
