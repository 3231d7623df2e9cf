import { expect } from "@jest/globals";
import {
  type ApiWrapperOptions,
  type ComfyuiServerOptions,
  startApiWrapper,
  startComfyuiServer,
  until,
  wrapperLogLines,
} from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { answerOf } from "../harness/comfyui/job-client.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startWorker, type WorkerSettings, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";
import { inState, isIn, statusAfter } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();

async function startComfyui(options: ComfyuiServerOptions = {}) {
  const comfyui = await startComfyuiServer(options);
  cleanUp(() => comfyui.stop());
  return comfyui;
}

async function startWrapper(options: ApiWrapperOptions) {
  const wrapper = await startApiWrapper(options);
  cleanUp(() => wrapper.stop());
  return wrapper;
}

async function start(settings: WorkerSettings): Promise<WorkerUnderTest> {
  const worker = await startWorker({ program: "comfyui", ...settings });
  cleanUp(() => worker.stop());
  return worker;
}

/** Where nothing listens yet. */
async function nobody(): Promise<{ url: string; port: number }> {
  const { port } = await freePorts();
  return { url: `http://127.0.0.1:${port}`, port };
}

const isReady = ({ error_msg, max_perf }: Record<string, unknown>): boolean => error_msg === "" && Number(max_perf) > 0;

/** Runs a small job. */
async function generate(worker: WorkerUnderTest, color: number) {
  const workflow = {
    "1": { class_type: "EmptyImage", inputs: { width: 32, height: 32, batch_size: 1, color } },
    "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "readiness" } },
  };
  return answerOf(await worker.send("/generate/sync", { input: { workflow_json: workflow } }));
}

verifies(
  ["comfyui/wrapper-ready"],
  "the API wrapper's log says when it is ready, and when it never will be",
  async () => {
    // Nothing answers: what the worker knows, it knows from the log.
    const { url } = await nobody();
    const worker = await start({ env: { MODE: "wrapper", MODEL_SERVER_URL: url, COMFYUI_URL: url } });
    const faults = [
      [wrapperLogLines.readyTimeout(600), /^BACKENDS_READY_TIMEOUT/],
      [wrapperLogLines.unrecoverable(url, "illegal memory access"), /^BACKEND_UNRECOVERABLE/],
      [wrapperLogLines.startFailure().at(-1) ?? "", /^Application startup failed/],
    ] as const;
    for (const [line, message] of faults) {
      const status = await statusAfter(
        worker.engine,
        () => worker.log(line),
        ({ error_msg }) => message.test(String(error_msg)),
      );
      expect(status).toMatchObject({ max_perf: 0 });
      expect(await isIn(worker, "errored")).toBe(true);
    }
  },
);

for (const line of [wrapperLogLines.ready(1), wrapperLogLines.synthesised()]) {
  verifies(["comfyui/wrapper-ready"], `a worker begins with its wrapper's line: ${line.slice(0, 50)}`, async () => {
    const comfyui = await startComfyui();
    // Unhealthy until the log has spoken: a worker that asks would have to wait.
    const wrapper = await startWrapper({ comfyuiUrl: comfyui.url, old: true, faults: { healthStatus: 503 } });
    const worker = await start({ modelUrl: wrapper.url, env: { MODE: "wrapper", COMFYUI_URL: comfyui.url } });
    await worker.engine.status(() => true);
    expect(await isIn(worker, "loading")).toBe(true);
    await worker.log(line);
    await inState(worker, "confirming");
    wrapper.faults.set({});
    await worker.engine.status(isReady);
    expect((await generate(worker, 1)).status).toBe(200);
    expect(wrapper.jobs).toHaveLength(1);
  });
}

verifies(["comfyui/wrapper-ready"], "an old wrapper, which never says that it is ready, is asked", async () => {
  const comfyui = await startComfyui();
  const wrapper = await startWrapper({ comfyuiUrl: comfyui.url, old: true });
  const worker = await start({ modelUrl: wrapper.url, env: { MODE: "wrapper", COMFYUI_URL: comfyui.url } });
  await worker.engine.status(isReady);
  expect((await generate(worker, 2)).status).toBe(200);
});

verifies(
  ["comfyui/one-benchmark"],
  "one benchmark is run, though log and health both say that it is time",
  async () => {
    const comfyui = await startComfyui();
    const worker = await start({ savedPerf: null, env: { MODE: "direct", COMFYUI_URL: comfyui.url } });
    await until(() => comfyui.jobs.length > 0);
    await worker.log(`To see the GUI go to: ${comfyui.url}`);
    await worker.engine.status(isReady);
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
    const benchmarks = worker.process.output().match(/"state":"benchmarking"/g);
    expect(benchmarks).toHaveLength(1);
    expect(comfyui.jobs.length).toBeLessThanOrEqual(9);
    expect(comfyui.jobs.every(({ state }) => state === "success")).toBe(true);
  },
);

verifies(["comfyui/auto"], "a wrapper is used where there is one", async () => {
  const comfyui = await startComfyui();
  const wrapper = await startWrapper({ comfyuiUrl: comfyui.url });
  const worker = await start({ modelUrl: wrapper.url, env: { COMFYUI_URL: comfyui.url } });
  await worker.engine.status(isReady);
  expect((await generate(worker, 3)).status).toBe(200);
  expect(wrapper.jobs).toHaveLength(1);
});

verifies(["comfyui/auto"], "ComfyUI itself is used where there is no wrapper, also when it comes late", async () => {
  const { url, port } = await nobody();
  const { url: noWrapper } = await nobody();
  const worker = await start({ modelUrl: noWrapper, env: { COMFYUI_URL: url } });
  await worker.engine.status(() => true);
  expect((await generate(worker, 4)).status).toBe(503);
  const comfyui = await startComfyui({ port });
  await worker.engine.status(isReady, 30_000);
  expect((await generate(worker, 4)).status).toBe(200);
  expect(comfyui.jobs).toHaveLength(1);
});

verifies(["comfyui/auto"], "a wrapper that comes a little later than ComfyUI is used all the same", async () => {
  const comfyui = await startComfyui();
  const { url, port } = await nobody();
  const worker = await start({ modelUrl: url, env: { COMFYUI_URL: comfyui.url } });
  await until(() => comfyui.probes.length > 0);
  const wrapper = await startWrapper({ comfyuiUrl: comfyui.url, port });
  await worker.engine.status(isReady);
  expect((await generate(worker, 5)).status).toBe(200);
  expect(wrapper.jobs).toHaveLength(1);
});

verifies(["comfyui/environment"], "a mode that there is not, and other nonsense, is reported by name", async () => {
  const comfyui = await startComfyui();
  const worker = await start({
    env: { MODE: "sideways", COMFYUI_URL: "127.0.0.1", MAX_QUEUE_SIZE: "many", INCLUDE_COMFYUI_RESPONSE: "perhaps" },
    modelUrl: comfyui.url,
  });
  const { error_msg } = await worker.engine.status(({ error_msg: message }) => message !== "");
  for (const problem of [
    /MODE.*wrapper, direct or auto.*"sideways"/s,
    /COMFYUI_URL.*"127\.0\.0\.1"/s,
    /MAX_QUEUE_SIZE.*"many"/s,
    /INCLUDE_COMFYUI_RESPONSE.*"perhaps"/s,
  ]) {
    expect(error_msg).toMatch(problem);
  }
  expect(error_msg).not.toMatch(/MODEL_SERVER_URL/);
});

verifies(["comfyui/environment"], "without a COMFYUI_URL, direct mode takes the model server's address", async () => {
  const comfyui = await startComfyui();
  const worker = await start({ modelUrl: comfyui.url, env: { MODE: "direct" } });
  await worker.engine.status(isReady);
  expect((await generate(worker, 6)).status).toBe(200);
  // Host and port may come apart.
  const split = await start({
    modelUrl: "http://127.0.0.1",
    env: { MODE: "direct", MODEL_SERVER_PORT: String(comfyui.port) },
  });
  await split.engine.status(isReady);
  expect((await generate(split, 7)).status).toBe(200);
  expect(comfyui.jobs).toHaveLength(2);
});

for (const mode of ["direct", "wrapper"] as const) {
  verifies(["comfyui/restart"], `the worker goes with ComfyUI and comes back with it, in ${mode} mode`, async () => {
    const comfyui = await startComfyui();
    const wrapper = mode === "wrapper" ? await startWrapper({ comfyuiUrl: comfyui.url }) : undefined;
    const worker = await start({
      modelUrl: wrapper?.url ?? comfyui.url,
      env: { MODE: mode, COMFYUI_URL: comfyui.url },
    });
    await worker.engine.status(isReady);
    const status = await statusAfter(
      worker.engine,
      () => comfyui.kill(),
      ({ error_msg }) => error_msg !== "",
    );
    expect(status.error_msg).toMatch(/health check failed/);
    await statusAfter(worker.engine, () => comfyui.restart(), isReady);
    expect((await generate(worker, 8)).status).toBe(200);
  });
}
