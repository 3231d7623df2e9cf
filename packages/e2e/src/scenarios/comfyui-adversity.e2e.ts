import { afterEach, beforeAll, describe, expect } from "@jest/globals";
import { type ComfyuiFaults, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { answerOf, generate, get, type JobAnswer, type JobEvent, stream, view } from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { standInSlow, type Workflow } from "../harness/comfyui/workflows.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";
import { inState, isIn } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();

async function start(faults: ComfyuiFaults = {}): Promise<ComfyuiUnderTest> {
  const under = await startComfyuiWorker({ mode: "direct", standInOnly: true, comfyui: { faults } });
  cleanUp(() => under.stop());
  return under;
}

const color = (value: number): Workflow => ({
  "1": { class_type: "EmptyImage", inputs: { width: 32, height: 32, batch_size: 1, color: value } },
  "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "adversity" } },
});

const completed = { status: 200, body: { status: "completed", output: [{ type: "output" }] } };

async function seconds<Value>(act: () => Promise<Value>): Promise<[Value, number]> {
  const startedAt = performance.now();
  const value = await act();
  return [value, (performance.now() - startedAt) / 1000];
}

/** What the engine is told once the worker has failed. */
const errored = async (worker: WorkerUnderTest): Promise<unknown> => {
  const status = await worker.engine.status(({ error_msg }) => error_msg !== "", 30_000);
  expect(await isIn(worker, "errored")).toBe(true);
  return status.error_msg;
};

/** What the engine was told since, of what went wrong. */
const complaints = ({ engine }: WorkerUnderTest): unknown[] =>
  engine.statuses.map(({ error_msg }) => error_msg).filter((message) => message !== "");

describe("a job comes to its end", () => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await start();
  });
  afterEach(() => under.comfyui.faults.set({}));

  for (const socket of ["silent", "refused"] as const) {
    verifies(["comfyui/socket"], `though ComfyUI's socket is ${socket}`, async () => {
      under.comfyui.faults.set({ socket });
      const [answer, took] = await seconds(() => generate(under.worker, standInSlow({ steps: 10 })));
      expect(answer).toMatchObject(completed);
      // The socket is waited for, and the history is looked at every few seconds.
      expect(took).toBeLessThan(20);
    });
  }

  for (const reconnectRace of [false, true]) {
    const name = reconnectRace ? "and takes the next one with it" : "and is opened anew";
    verifies(["comfyui/socket"], `though ComfyUI's socket breaks in its middle, ${name}`, async () => {
      under.comfyui.faults.set({ dropSocketAfterEvents: 20, reconnectRace });
      const events: JobEvent[] = [];
      for await (const event of stream(under.worker, standInSlow({ steps: 300 }))) {
        events.push(event);
      }
      expect(events.at(-1)).toMatchObject({ status: "final_result", http_status: 200 });
      const values = events.flatMap(({ progress }) => (progress === undefined ? [] : [progress.value]));
      // About ten steps were told of before it broke.
      expect(values.some((value) => value > 200)).toBe(true);
    });
  }

  verifies(["comfyui/late"], "though ComfyUI writes its history late", async () => {
    under.comfyui.faults.set({ historyDelayMs: 700 });
    expect(await generate(under.worker, color(1))).toMatchObject(completed);
  });

  verifies(["comfyui/late"], "though ComfyUI fails to take it at first", async () => {
    under.comfyui.faults.set({ promptFailures: 2, promptStatus: 503 });
    const before = under.comfyui.jobs.length;
    expect(await generate(under.worker, color(2))).toMatchObject(completed);
    expect(under.comfyui.jobs).toHaveLength(before + 1);
  });

  verifies(["comfyui/late"], "with 502 where ComfyUI never takes it", async () => {
    under.comfyui.faults.set({ promptFailures: 1000 });
    const before = under.comfyui.jobs.length;
    expect(await generate(under.worker, color(3))).toMatchObject({
      status: 502,
      body: { status: "failed", error: { type: "comfyui_unreachable" } },
    });
    expect(under.comfyui.jobs).toHaveLength(before);
    under.comfyui.faults.set({});
    expect(await generate(under.worker, color(4))).toMatchObject(completed);
  });

  verifies(["comfyui/cache"], "again with its files, once those that ComfyUI remembers are gone", async () => {
    const workflow = color(5);
    const first = await generate(under.worker, workflow);
    expect(first).toMatchObject(completed);
    await under.comfyui.deleteOutputs();
    const again = await generate(under.worker, workflow);
    expect(again).toMatchObject(completed);
    const [file] = again.body.output;
    expect(file && (await get(under.worker, view(file))).status).toBe(200);
    // What ComfyUI remembers and still has is answered from its memory.
    const before = under.comfyui.jobs.length;
    expect(await generate(under.worker, workflow)).toMatchObject(completed);
    expect(under.comfyui.jobs.slice(before).map(({ executedNodes }) => executedNodes)).toEqual([[]]);
  });

  verifies(["comfyui/blocked"], "though one of its branches is blocked", async () => {
    const blocked: Workflow = {
      ...color(6),
      "3": { class_type: "StandInBlock", inputs: { image: ["1", 0] } },
      "4": { class_type: "SaveImage", inputs: { images: ["3", 0], filename_prefix: "blocked" } },
    };
    const answer = await generate(under.worker, blocked);
    expect(answer).toMatchObject({ status: 200, body: { output: [{ node_id: "2" }] } });
    expect(answer.body.output).toHaveLength(1);
  });

  verifies(["comfyui/memory"], "with what went wrong where memory runs out, and the worker goes on", async () => {
    const { comfyui, worker } = under;
    expect(await generate(worker, standInSlow({ steps: 1, fail: "oom" }))).toMatchObject({
      status: 500,
      body: { status: "failed", error: { type: "out_of_memory", node_id: "1", node_type: "StandInSlow" } },
    });
    const freed = comfyui.requests.filter(({ path }) => path === "/free").at(-1);
    expect(JSON.parse(String(freed?.body))).toEqual({ unload_models: true, free_memory: true });
    expect(await generate(worker, color(7))).toMatchObject(completed);
    expect(await isIn(worker, "ready")).toBe(true);
  });

  verifies(["comfyui/socket"], "and none of this has troubled the worker", async () => {
    expect(complaints(under.worker)).toEqual([]);
    expect(await isIn(under.worker, "ready")).toBe(true);
    await until(() => under.comfyui.sockets === 0);
  });
});

verifies(
  ["comfyui/killed"],
  "a job of a ComfyUI that is killed is answered, and the worker comes back with it",
  async () => {
    const { comfyui, worker } = await start();
    const running = generate(worker, standInSlow({ steps: 10_000 }));
    await until(() => comfyui.jobs[0]?.state === "running");
    const waiting = generate(worker, color(1));
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 2);
    await comfyui.kill();
    expect(String(await errored(worker))).toMatch(/health check failed/);
    const refused = await worker.send("/generate/sync", { input: { workflow_json: color(2) } });
    expect(refused.status).toBe(503);
    const before = worker.engine.statuses.length;
    await comfyui.restart();
    const [lost, took] = await seconds<JobAnswer>(() => running);
    expect(lost).toMatchObject({ status: 502, body: { status: "failed", error: { type: "lost" } } });
    expect(took).toBeLessThan(20);
    expect(await waiting).toMatchObject(completed);
    await until(() => {
      const { error_msg, max_perf } = worker.engine.statuses.slice(before).at(-1) ?? {};
      return error_msg === "" && Number(max_perf) > 0;
    });
    await inState(worker, "ready");
    expect(await generate(worker, color(3))).toMatchObject(completed);
  },
);

verifies(["comfyui/gpu"], "a GPU that is of no use any more takes the worker out", async () => {
  const { worker } = await start();
  expect(await generate(worker, standInSlow({ steps: 1, fail: "cuda" }))).toMatchObject({
    status: 500,
    body: { error: { type: "gpu_failed", node_id: "1" } },
  });
  expect(await errored(worker)).toMatch(/CUDA error: an illegal memory access/);
  const refused = await answerOf(await worker.send("/generate/sync", { input: { workflow_json: color(1) } }));
  expect(refused.status).toBe(503);
});
