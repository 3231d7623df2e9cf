import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "@jest/globals";
import { type ComfyuiJob, startS3Server, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { generate } from "../harness/comfyui/job-client.ts";
import { sentNode } from "../harness/comfyui/sent-nodes.ts";
import {
  type ComfyuiUnderTest,
  type ComfyuiWorkerSettings,
  modes,
  startComfyuiWorker,
} from "../harness/comfyui/start-comfyui-worker.ts";
import { workflow } from "../harness/comfyui/workflows.ts";
import { copyApp } from "../harness/copy-app.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { said } from "../harness/wait-for.ts";

const { makeFolder, startModel, startWorker } = createStarters();
const cleanUp = createCleanUps();

const unusable = "the benchmark can't run this file's request";

/** A worker that has measured. */
async function startMeasured(settings: ComfyuiWorkerSettings): Promise<ComfyuiUnderTest> {
  const under = await startComfyuiWorker({ standInOnly: true, savedPerf: null, ...settings });
  cleanUp(() => under.stop());
  return under;
}

/** A workflow that says where it is from. It tells nothing of what it costs. */
const from = (place: string) => ({
  "1": { class_type: "StandInSlow", inputs: { steps: 5, fail: "", seed: 1 } },
  "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: place } },
});

const placesOf = (jobs: readonly ComfyuiJob[]): unknown[] => [
  ...new Set(jobs.map((job) => sentNode(job, "filename_prefix").inputs.filename_prefix)),
];

/** No two of them have the same seed, and ComfyUI has run each of them, and taken none from its cache. */
function expectFresh(jobs: readonly ComfyuiJob[], seedName = "seed"): void {
  const seeded = jobs.map((job) => sentNode(job, seedName, 0));
  expect(new Set(seeded.map(({ inputs }) => inputs[seedName])).size).toBe(jobs.length);
  expect(jobs.filter(({ state }) => state !== "success")).toEqual([]);
  expect(jobs.filter(({ executedNodes }, index) => !executedNodes.includes(String(seeded[index]?.id)))).toEqual([]);
}

/** The best pace of a job of this workload, going by how long ComfyUI took for each. */
const bestPace = (jobs: readonly ComfyuiJob[], workload: number): number =>
  Math.max(...jobs.map(({ endedAt = 0, startedAt = 0 }) => workload / ((endedAt - startedAt) / 1000)));

const perfOf = async ({ worker }: ComfyuiUnderTest): Promise<number> =>
  Number((await worker.engine.status(({ max_perf }) => Number(max_perf) > 0)).max_perf);

describe.each(modes)("in %s mode", (mode) => {
  verifies(
    ["comfyui/benchmark-built-in", "comfyui/benchmark-fresh"],
    "measures with pictures of the size that the environment says, each of another seed",
    async () => {
      const size = { BENCHMARK_TEST_WIDTH: "256", BENCHMARK_TEST_HEIGHT: "128", BENCHMARK_TEST_STEPS: "10" };
      const under = await startMeasured({ mode, comfyui: { msPerStep: 20 }, env: size });
      const { jobs } = under.comfyui;
      expect(jobs.length).toBeGreaterThanOrEqual(3);
      expect(jobs.length).toBeLessThanOrEqual(9);
      for (const job of jobs) {
        expect(sentNode(job, "batch_size").inputs).toMatchObject({ width: 256, height: 128, batch_size: 1 });
        expect(sentNode(job, "seed").inputs).toMatchObject({ steps: 10 });
      }
      expectFresh(jobs);
      const workload = 100 * ((256 * 128) / 512 ** 2) * (10 / 20);
      const perf = await perfOf(under);
      expect(perf).toBeLessThanOrEqual(bestPace(jobs.slice(1), workload));
      expect(perf).toBeGreaterThan(bestPace(jobs.slice(1), workload) / 3);
      expect(perf).toBeLessThan(workload / (10 * 0.02));
    },
  );

  verifies(
    ["comfyui/benchmark-alone"],
    "tells nobody of its jobs and keeps nothing of them, whatever the environment says of webhooks and storage",
    async () => {
      const s3 = await startS3Server();
      cleanUp(() => s3.stop());
      const listener = await startModel((_request, response) => response.end());
      const under = await startMeasured({
        mode,
        comfyui: { msPerStep: 1 },
        env: {
          WEBHOOK_URL: `${listener.url}/told`,
          WEBHOOK_ALLOWED_HOSTS: new URL(listener.url).host,
          S3_ACCESS_KEY_ID: s3.accessKeyId,
          S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
          S3_BUCKET_NAME: s3.bucket,
          S3_ENDPOINT_URL: s3.url,
        },
      });
      expect(under.comfyui.jobs.length).toBeGreaterThanOrEqual(3);
      expect([listener.requests, s3.requests]).toEqual([[], []]);
      for (const { id, payload } of under.wrapper?.jobs ?? []) {
        expect(id).toMatch(/^test-\d+$/);
        expect([payload.s3, payload.webhook]).toEqual([undefined, undefined]);
      }
      // What comes after it is told of, and kept; by the API wrapper where there is one, out of its own environment.
      if (mode === "direct") {
        expect((await generate(under.worker, workflow("image"))).status).toBe(200);
        await until(() => listener.requests.length === 1);
        expect(JSON.parse(String(listener.requests[0]?.body))).toMatchObject({ status: "completed" });
        expect(s3.requests.filter((request) => request.startsWith("PUT "))).toHaveLength(1);
      }
    },
  );

  verifies(["comfyui/benchmark-files"], "takes misc/benchmark.json of the app before any other", async () => {
    const folder = await makeFolder();
    await copyApp("comfyui", folder, { "misc/benchmark.json": from("misc"), "other.json": from("other") });
    const env = { BENCHMARK_JSON_PATH: join(folder, "other.json") };
    const under = await startMeasured({ mode, before: `cd ${folder}`, env, comfyui: { msPerStep: 1 } });
    expect(placesOf(under.comfyui.jobs)).toEqual(["misc"]);
    expectFresh(under.comfyui.jobs);
  });

  verifies(
    ["comfyui/benchmark-files"],
    "takes the file that BENCHMARK_JSON_PATH names, but for whom it tells",
    async () => {
      const path = join(await makeFolder(), "request.json");
      const listener = await startModel((_request, response) => response.end());
      const input = { request_id: "mine", workflow_json: from("path"), webhook: { url: listener.url } };
      await writeFile(path, JSON.stringify({ input }));
      const under = await startMeasured({
        mode,
        comfyui: { msPerStep: 10 },
        env: { BENCHMARK_JSON_PATH: path, WEBHOOK_ALLOWED_HOSTS: new URL(listener.url).host },
      });
      const { jobs } = under.comfyui;
      expect(placesOf(jobs)).toEqual(["path"]);
      expectFresh(jobs);
      expect(listener.requests).toEqual([]);
      expect((under.wrapper?.jobs ?? []).filter(({ id }) => !/^test-\d+$/.test(id))).toEqual([]);
      // A workflow that tells nothing costs what Vast's worker takes any job to cost.
      expect(await perfOf(under)).toBeLessThanOrEqual(bestPace(jobs.slice(1), 100));
      expect(await perfOf(under)).toBeGreaterThan(bestPace(jobs.slice(1), 100) / 6);
    },
  );

  for (const [kind, content] of [
    ["is not there", undefined],
    ["is no JSON", "{"],
    ["is in the editor's format", JSON.stringify({ nodes: [], links: [] })],
    ["asks for nothing", JSON.stringify({ input: { workflow_json: {} } })],
  ] as const) {
    verifies(["comfyui/benchmark-files"], `warns of a file that ${kind}, and measures with pictures`, async () => {
      const path = join(await makeFolder(), "request.json");
      if (content !== undefined) {
        await writeFile(path, content);
      }
      const env = { BENCHMARK_JSON_PATH: path, BENCHMARK_TEST_STEPS: "2" };
      const under = await startMeasured({ mode, env, comfyui: { msPerStep: 1 } });
      await said(under.worker, unusable);
      expect(under.worker.process.output()).toContain(path);
      for (const job of under.comfyui.jobs) {
        expect(sentNode(job, "batch_size").inputs).toMatchObject({ width: 512, height: 512 });
      }
    });
  }

  for (const [program, workload, steps, seedName] of [
    ["wan", 10_000, 20, "noise_seed"],
    ["ace", 1000, 65, "seed"],
  ] as const) {
    verifies(["comfyui/benchmark-once"], `${program} measures once, after one that loads the models`, async () => {
      const under = await startMeasured({ program, mode, comfyui: { msPerStep: 10 } });
      const { jobs } = under.comfyui;
      expect(jobs).toHaveLength(2);
      expectFresh(jobs, seedName);
      const perf = await perfOf(under);
      expect(perf).toBeLessThanOrEqual(bestPace(jobs.slice(1), workload));
      expect(perf).toBeLessThan(workload / (steps * 0.01));
      expect(perf).toBeGreaterThan(bestPace(jobs.slice(1), workload) / 4);
    });
  }

  verifies(["comfyui/benchmark-kept"], "keeps the figure, and doesn't measure again at the next start", async () => {
    const file = join(await makeFolder(), "has_benchmark");
    const settings = { mode, comfyui: { msPerStep: 1 }, env: { BENCHMARK_FILE: file } };
    const first = await startMeasured(settings);
    const perf = await perfOf(first);
    expect(Number.parseFloat(await readFile(file, "utf8"))).toBe(perf);
    const second = await startMeasured(settings);
    expect(await perfOf(second)).toBe(perf);
    expect(second.comfyui.jobs).toEqual([]);
  });
});

verifies(["comfyui/benchmark-variables"], "names every size that is wrong at the start, and ends", async () => {
  const worker = await startWorker({
    program: "comfyui",
    env: { BENCHMARK_TEST_WIDTH: "wide", BENCHMARK_TEST_HEIGHT: "8", BENCHMARK_TEST_STEPS: "0" },
  });
  const { error_msg: message } = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect(message).toContain('BENCHMARK_TEST_WIDTH: expected a whole number from 16 to 16384, found "wide"');
  expect(message).toContain('BENCHMARK_TEST_HEIGHT: expected a whole number from 16 to 16384, found "8"');
  expect(message).toContain('BENCHMARK_TEST_STEPS: expected a whole number from 1 to 10000, found "0"');
  expect(await worker.process.stop()).toBe(1);
});
