import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { aceWorkflow } from "../harness/comfyui/ace-workflow.ts";
import { generate } from "../harness/comfyui/job-client.ts";
import { readEvents } from "../harness/comfyui/read-all.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { wanWorkflow } from "../harness/comfyui/wan-workflow.ts";
import { verifies } from "../harness/verifies.ts";

const video = { prompt: "a lake", negativePrompt: "", seed: 1 };
const usualVideo = { prompt: "a lake" };

/** What the engine was told that it took to do all this. */
async function served({ worker }: ComfyuiUnderTest, work: () => Promise<unknown>): Promise<number> {
  const { statuses } = worker.engine;
  const before = statuses.length;
  await work();
  const sum = () => statuses.slice(before).reduce((total, { cur_perf: served }) => total + Number(served), 0);
  await until(() => sum() > 0, { what: () => "a report of what was served" });
  return sum();
}

const done = async (
  under: ComfyuiUnderTest,
  workflow: Parameters<typeof generate>[1],
  typed: object,
): Promise<void> => {
  const { body, status } = await generate(under.worker, workflow, { ...typed });
  expect({ status, body }).toMatchObject({ status: 200, body: { status: "completed" } });
};

describe.each(modes)("in %s mode, Wan", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ program: "wan", mode, standInOnly: true, comfyui: { msPerStep: 1 } });
  });
  afterAll(() => under.stop());

  const costOf = (typed: object) => served(under, () => done(under, {}, typed));
  const costOfWorkflow = (workflow: Parameters<typeof generate>[1]) => served(under, () => done(under, workflow, {}));

  verifies(["workload/wan"], "costs 10,000 for what the benchmark makes, and more or less by its formula", async () => {
    expect(await costOf(usualVideo)).toBe(10_000);
    expect(await costOf({ ...usualVideo, steps: 10 })).toBeCloseTo(5000);
    expect(await costOf({ ...usualVideo, cfg: 1 })).toBeCloseTo(5000);
    expect(await costOf({ ...usualVideo, variant: "4-step" })).toBeCloseTo(1000);
  });

  verifies(["workload/attention"], "costs what attention does at each size: more than by its pixels", async () => {
    const sizes: [width: number, height: number, frames: number, relative: number][] = [
      [640, 640, 49, 0.49],
      [832, 480, 81, 0.96],
      [1280, 720, 81, 3.76],
      [1280, 704, 121, 7.15],
    ];
    for (const [width, height, frames, relative] of sizes) {
      expect(await costOf({ ...usualVideo, width, height, frames })).toBeCloseTo(10_000 * relative, -2);
    }
  });

  verifies(
    ["workload/scan"],
    "prices a workflow by what its nodes say, and one that says nothing by the constant",
    async () => {
      expect(await costOfWorkflow(wanWorkflow(video))).toBe(10_000);
      const small = wanWorkflow({ ...video, width: 832, height: 480, steps: 10, seed: 2 });
      expect(await costOfWorkflow(small)).toBeCloseTo(
        await costOf({ ...usualVideo, width: 832, height: 480, steps: 10 }),
      );
      const silent = {
        "1": { class_type: "EmptyImage", inputs: { width: 64, height: 64, batch_size: 4, color: 7 } },
        "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "silent" } },
      };
      expect(await costOfWorkflow(silent)).toBe(10_000);
    },
  );
});

describe.each(modes)("in %s mode, ACE-Step", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ program: "ace", mode, standInOnly: true, comfyui: { msPerStep: 1 } });
  });
  afterAll(() => under.stop());

  verifies(
    ["workload/ace"],
    "costs 1000 for what the benchmark makes, and more or less by its seconds and steps",
    async () => {
      const costOf = (typed: object) => served(under, () => done(under, {}, { tags: "folk", ...typed }));
      expect(await costOf({})).toBe(1000);
      expect(await costOf({ seconds: 90 })).toBeCloseTo(500);
      expect(await costOf({ steps: 13 })).toBeCloseTo(200);
      expect(await costOf({ cfg: 1 })).toBeCloseTo(500);
      const workflow = aceWorkflow({ tags: "folk", seed: 1, seconds: 36, steps: 26 });
      expect(await served(under, () => done(under, workflow, {}))).toBeCloseTo(1000 * (36 / 180) * (26 / 65));
    },
  );
});

describe.each(modes)("in %s mode, a job that takes its time", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ program: "wan", mode, standInOnly: true, comfyui: { msPerStep: 200 } });
  });
  afterAll(() => under.stop());

  /** The loads that the engine was told of meanwhile, one after the other. */
  async function loadsDuring(work: () => Promise<unknown>): Promise<number[]> {
    const { statuses } = under.worker.engine;
    const before = statuses.length;
    await work();
    await until(() => statuses.slice(before).some(({ cur_perf: perf }) => Number(perf) > 0));
    const loads = statuses.slice(before).map(({ cur_load: load }) => Number(load));
    // A report of an idle worker may have been due before it began.
    return loads.slice(loads.findIndex((load) => load > 0));
  }

  function expectFall(loads: readonly number[]): void {
    expect(loads).toEqual(loads.toSorted((one, other) => other - one));
    expect(loads.at(-1)).toBe(0);
    const between = loads.filter((load) => load > 0 && load < 10_000);
    expect(new Set(between).size).toBeGreaterThanOrEqual(2);
  }

  verifies(["workload/progress"], "is a load that falls with its steps, and is gone with it", async () => {
    expectFall(await loadsDuring(() => readEvents(under.worker, {}, usualVideo)));
    // The API wrapper tells of steps only where a stream is asked for.
    if (mode === "direct") {
      expectFall(await loadsDuring(() => done(under, {}, usualVideo)));
    }
  });
});
