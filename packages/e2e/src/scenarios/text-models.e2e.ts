import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { said, statusAfter } from "../harness/wait-for.ts";

const { startVllmServer, startWorker } = createStarters();

const hundred = Array.from({ length: 100 }, (_, id) => id);

verifies(
  ["text/context-length"],
  "expects no more output than fits the model, as the model server tells, in its benchmark too",
  async () => {
    const vllm = await startVllmServer({ maxModelLen: 300 });
    const worker = await startWorker({ modelUrl: vllm.url, savedPerf: null });
    await worker.becomeReady();
    const lengths = vllm.requests
      .filter(({ path }) => path === "/v1/completions")
      .map(({ body }) => Number(JSON.parse(body.toString()).max_tokens));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(150);

    vllm.faults.set({ stall: true });
    const leave = new AbortController();
    const { signal } = leave;
    // The first may be as long as fits, the second wants more: a quarter of 100, and the 200 that are left.
    const sent = [null, 5000].map((max_tokens) =>
      worker.send("/v1/completions", { prompt: hundred, max_tokens }, { signal }).catch(() => ""),
    );
    await worker.engine.status(({ cur_load }) => cur_load === 2 * 225);
    leave.abort();
    await Promise.all(sent);
  },
);

verifies(["text/context-length"], "takes MAX_MODEL_LEN's word for it", async () => {
  const vllm = await startVllmServer({ maxModelLen: 300 });
  const worker = await startWorker({ modelUrl: vllm.url, env: { MAX_MODEL_LEN: "150" } });
  await worker.becomeReady();
  vllm.faults.set({ stall: true });
  const leave = new AbortController();
  const sent = worker
    .send("/v1/completions", { prompt: hundred, max_tokens: null }, { signal: leave.signal })
    .catch(() => "");
  await worker.engine.status(({ cur_load }) => cur_load === 25 + 50);
  leave.abort();
  await sent;
});

const backends = [
  { name: "vllm", load: "INFO:     Application startup complete.", error: "INFO exited: vllm" },
  { name: "sglang", load: "The server is fired up and ready to roll!", error: "INFO exited: sglang" },
  { name: "llama", load: "main: model loaded", error: "error loading model" },
];

verifies(["text/presets"], "reads the log file of the engine that BACKEND names", async () => {
  await Promise.all(
    backends.map(async ({ name }) => {
      const worker = await startWorker({ env: { BACKEND: name, MODEL_LOG: undefined } });
      await said(worker, `/var/log/portal/${name}.log`);
    }),
  );
});

verifies(["text/presets"], "knows the words of the engine that BACKEND names, and no other's", async () => {
  const vllm = await startVllmServer();
  for (const { error, load, name } of backends) {
    const worker = await startWorker({ modelUrl: vllm.url, env: { BACKEND: name } });
    await until(() => worker.engine.statuses.length > 0);
    await worker.log(...backends.filter((other) => other.name !== name).map((other) => other.load), error);
    const errored = await worker.engine.status(({ error_msg }) => error_msg !== "");
    expect([name, errored.max_perf, error.includes(String(errored.error_msg))]).toEqual([name, 0, true]);
    const ready = await statusAfter(
      worker.engine,
      () => worker.log(load),
      ({ max_perf }) => max_perf === 1000,
    );
    expect(ready.error_msg).toBe("");
    expect((await worker.send("/v1/completions", { prompt: "hello", max_tokens: 2 })).status).toBe(200);
  }
});

verifies(["text/presets", "F13"], "tells the engine of a BACKEND that there is none of", async () => {
  const worker = await startWorker({ env: { BACKEND: "nonsense", MAX_MODEL_LEN: "long" } });
  const { error_msg: told } = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect(told).toContain('BACKEND: expected vllm or sglang or llama, found "nonsense"');
  expect(told).toContain('MAX_MODEL_LEN: expected a number of tokens, found "long"');
});
