import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ComfyuiServer, postJson, startComfyuiServer, startFakeEngine, startInProcess } from "@pyworker/testing";
import { createWanWorker } from "./create-wan-worker.ts";

const patience = 60_000;
const cleanUps: (() => Promise<unknown>)[] = [];
let comfyui: ComfyuiServer;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-wan-"));
  const modelLog = join(folder, "comfyui.log");
  await writeFile(modelLog, "");
  const engine = await startFakeEngine();
  comfyui = await startComfyuiServer();
  const worker = await startInProcess({ reportUrl: engine.url, modelUrl: comfyui.url, modelLog }, (environment) =>
    createWanWorker({ environment, comfyui: { mode: "direct", comfyuiUrl: comfyui.url }, limits: { steps: 30 } }),
  );
  url = worker.url;
  cleanUps.push(
    () => rm(folder, { recursive: true }),
    () => engine.close(),
    comfyui.stop,
    () => worker.stop(),
  );
  await engine.status(({ max_perf: perf }) => Number(perf) > 0, patience);
}, patience);

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

const generate = async (input: object) => {
  const answer = await postJson(`${url}/generate/sync`, { input });
  return { status: answer.status, body: await answer.json() };
};

test("measures with one video, after one that loads the models", () => {
  expect(comfyui.jobs.map(({ workflow }) => workflow["104"])).toEqual(
    Array(2).fill(expect.objectContaining({ inputs: { width: 640, height: 640, length: 81, batch_size: 1 } })),
  );
});

test("makes a video of a prompt", async () => {
  expect(await generate({ prompt: "a lake", steps: 2, seed: 7 })).toMatchObject({
    status: 200,
    body: { status: "completed", output: [{ filename: expect.stringMatching(/\.mp4$/), mimetype: "video/mp4" }] },
  });
  expect(comfyui.jobs.at(-1)?.workflow).toMatchObject({
    99: { inputs: { text: "a lake" } },
    96: { inputs: { noise_seed: 7 } },
  });
});

test("holds requests to the limits that it was given, and to the usual ones beside", async () => {
  const fault = (field: string, advice: string) => ({
    status: 422,
    body: { payload: { [`input.${field}`]: expect.stringContaining(advice) } },
  });
  expect(await generate({ prompt: "a lake", steps: 40 })).toEqual(fault("steps", "use 30"));
  expect(await generate({ prompt: "a lake", frames: 200 })).toEqual(fault("frames", "use 121"));
});
