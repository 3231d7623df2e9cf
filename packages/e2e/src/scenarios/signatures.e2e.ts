import { beforeAll, expect } from "@jest/globals";
import { createSigner, startFakeEngine, startVllmServer, until, type VllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const route = "/v1/completions";
const payload = { prompt: "Hello", max_tokens: 4 };
let model: VllmServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startVllmServer();
  cleanUp(() => model.stop());
  worker = await startWorker({ modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
});

const statusOf = async (auth: ReturnType<WorkerUnderTest["authData"]>, target = worker): Promise<number> =>
  (await target.send(route, payload, { auth })).status;

verifies(
  ["auth/url-form", "auth/full-form", "auth/form-counted"],
  "takes both forms of the signature, and counts them",
  async () => {
    const { signer } = worker.engine;
    const counted = (form: string) => worker.metric("pyworker_signatures_total", { form });
    const before = [await counted("url"), await counted("full")];
    expect(await statusOf(signer.authData(worker.url))).toBe(200);
    expect(await statusOf(signer.fullAuthData(worker.url))).toBe(200);
    expect(await statusOf({ ...signer.fullAuthData(worker.url), __request_id: "any" } as never)).toBe(200);
    expect(await statusOf(signer.authData(worker.url))).toBe(200);
    expect([await counted("url"), await counted("full")]).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 2]);
  },
);

verifies(
  ["auth/full-form", "auth/python-text"],
  "refuses the full form when any signed field was changed",
  async () => {
    const signed = worker.engine.signer.fullAuthData(worker.url);
    expect(await statusOf({ ...signed, cost: "1" })).toBe(401);
    expect(await statusOf({ ...signed, request_idx: 1 })).toBe(401);
    expect(await statusOf(signed)).toBe(200);
  },
);

verifies(["request/bad-signature"], "says what was checked, and not what is right", async () => {
  const good = worker.authData();
  const bad = [
    { ...good, signature: "" },
    { ...good, signature: "no base64 at all" },
    { ...good, signature: Buffer.alloc(256).toString("base64") },
    createSigner().authData(worker.url),
  ];
  for (const auth of bad) {
    const response = await worker.send(route, payload, { auth });
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(JSON.parse(text)).toEqual({ error: expect.stringContaining("signature") });
    expect(text).not.toContain(good.signature);
    expect(text).not.toContain(worker.url);
  }
});

verifies(["auth/own-url", "D29"], "refuses a signature that was made for another worker", async () => {
  const { signer } = worker.engine;
  const timesAsked = () => model.requests.filter(({ path }) => path === route).length;
  const seen = timesAsked();
  for (const url of ["http://127.0.0.1:1", "https://example.com", `https://127.0.0.1:${worker.port}`, "", "junk"]) {
    expect([url, await statusOf(signer.authData(url))]).toEqual([url, 401]);
  }
  expect(timesAsked()).toBe(seen);
  expect(await statusOf(signer.authData(`${worker.url}/`))).toBe(200);
  const lenient = await startWorker({ modelUrl: model.url, env: { CHECK_AUTH_URL: "false" } });
  cleanUp(() => lenient.stop());
  await lenient.becomeReady();
  expect(await statusOf(lenient.engine.signer.authData("http://10.0.0.1:1"), lenient)).toBe(200);
});

verifies(
  ["auth/remembered", "auth/rotation", "D14"],
  "takes one pair again and again, until the engine's key changes",
  async () => {
    const other = await startWorker({ modelUrl: model.url });
    cleanUp(() => other.stop());
    await other.becomeReady();
    const old = other.authData();
    for (let time = 0; time < 5; time += 1) {
      expect(await statusOf(old, other)).toBe(200);
    }
    other.engine.rotateKey();
    expect(await statusOf(other.authData(), other)).toBe(200);
    expect(await statusOf(old, other)).toBe(401);
  },
);

verifies(["auth/no-key", "D12", "D14"], "is not ready without a key, says so, and recovers when it comes", async () => {
  const engine = await startFakeEngine();
  cleanUp(() => engine.close());
  engine.faults.hidesKey = true;
  const other = await startWorker({ modelUrl: model.url, engine });
  cleanUp(() => other.stop());
  const signed = other.authData();
  const refused = await until(() => other.send(route, payload, { auth: signed }).catch(() => undefined));
  expect(refused.status).toBe(503);
  await other.log("(APIServer pid=1) INFO:     Application startup complete.");
  const told = await engine.status(({ error_msg }) => error_msg !== "", 30_000);
  expect(told.error_msg).toContain("public key");
  expect(engine.statuses.every(({ max_perf }) => max_perf === 0)).toBe(true);
  engine.faults.hidesKey = false;
  await engine.status(({ max_perf }) => Number(max_perf) > 0, 40_000);
  expect(engine.statuses.at(-1)?.error_msg).toBe("");
  expect(await statusOf(signed, other)).toBe(200);
});

verifies(
  ["auth/key-list", "env/report-addresses", "D13"],
  "takes its key and its orders from whichever address answers",
  async () => {
    const second = await startFakeEngine();
    cleanUp(() => second.close());
    const other = await startWorker({
      modelUrl: model.url,
      engine: second,
      env: { REPORT_ADDR: `http://127.0.0.1:9, ${second.url}/` },
    });
    cleanUp(() => other.stop());
    await other.log("(APIServer pid=1) INFO:     Application startup complete.");
    await second.status(({ max_perf }) => Number(max_perf) > 0, 20_000);
    expect(await statusOf(other.authData(), other)).toBe(200);
  },
);

verifies(
  ["auth/unsigned-no-effect", "D30", "D32"],
  "lets an unsigned request change nothing but its own counter",
  async () => {
    const session = await worker.post("/session/create", { auth_data: worker.authData(), payload: { lifetime: 60 } });
    const { session_id: sessionId } = (await session.json()) as { session_id: string };
    const auth = { ...worker.authData({ cost: "1e9", request_idx: 424_242 }), signature: "AAAA" };
    const refused = () => worker.metric("pyworker_errors_total", { code: "unauthorized" });
    const before = await refused();
    for (let time = 0; time < 20; time += 1) {
      expect((await worker.send(route, { ...payload, max_tokens: 1_000_000 }, { auth, sessionId })).status).toBe(401);
    }
    expect((await worker.post("/session/create", { auth_data: auth, payload: {} })).status).toBe(401);
    expect(await refused()).toBe(before + 21);
    // A signed request behind them: its report would tell of whatever they had changed.
    expect(await statusOf(worker.authData({ request_idx: 515_151 }))).toBe(200);
    await until(() => worker.engine.deletions.some(({ request_idx }) => request_idx === 515_151));
    expect(worker.engine.deletions.some(({ request_idx }) => request_idx === 424_242)).toBe(false);
    expect(worker.engine.sum("rej_load")).toBe(0);
    expect(worker.engine.statuses.every(({ cur_load }) => Number(cur_load) < 1e6)).toBe(true);
  },
);
