import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ComfyuiServer, postJson, startComfyuiServer, startFakeEngine, startInProcess } from "@pyworker/testing";
import { createAceWorker } from "./create-ace-worker.ts";

const patience = 60_000;
const cleanUps: (() => Promise<unknown>)[] = [];
let comfyui: ComfyuiServer;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-ace-"));
  const modelLog = join(folder, "comfyui.log");
  await writeFile(modelLog, "");
  const engine = await startFakeEngine();
  comfyui = await startComfyuiServer();
  const worker = await startInProcess({ reportUrl: engine.url, modelUrl: comfyui.url, modelLog }, (environment) =>
    createAceWorker({ environment, comfyui: { mode: "direct", comfyuiUrl: comfyui.url }, limits: { steps: 30 } }),
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

test("measures with one piece, after one that loads the model, whatever requests may ask for", () => {
  expect(comfyui.jobs.map(({ workflow }) => [workflow["17"], workflow["52"]])).toEqual(
    Array(2).fill([
      expect.objectContaining({ inputs: { seconds: 180, batch_size: 1 } }),
      expect.objectContaining({ inputs: expect.objectContaining({ steps: 65 }) }),
    ]),
  );
});

test("makes a piece of tags", async () => {
  expect(await generate({ tags: "folk", seconds: 2, seed: 7 })).toMatchObject({
    status: 200,
    body: { status: "completed", output: [{ filename: expect.stringMatching(/\.mp3$/), mimetype: "audio/mpeg" }] },
  });
  expect(comfyui.jobs.at(-1)?.workflow).toMatchObject({
    14: { inputs: { tags: "folk" } },
    52: { inputs: { seed: 7, steps: 30 } },
  });
});

test("holds requests to the limits that it was given, and to the usual ones beside", async () => {
  const fault = (field: string, advice: string) => ({
    status: 422,
    body: { payload: { [`input.${field}`]: expect.stringContaining(advice) } },
  });
  expect(await generate({ tags: "folk", steps: 40 })).toEqual(fault("steps", "use 30"));
  expect(await generate({ tags: "folk", seconds: 300 })).toEqual(fault("seconds", "use 240"));
});

test("says of a workflow for 1.5 that is refused why", async () => {
  const { body, status } = await generate({
    workflow_json: { 1: { class_type: "EmptyAceStep1.5LatentAudio", inputs: { seconds: 2 } } },
  });
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("this is a workflow for ACE-Step 1.5, by node 1") } },
  });
});
