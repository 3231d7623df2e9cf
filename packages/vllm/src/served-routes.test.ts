import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { postJson, startFakeEngine, startInProcess, startVllmServer, type VllmServer } from "@pyworker/testing";
import { createVllmWorker } from "./create-vllm-worker.ts";
import { routes } from "./routes/index.ts";
import { wavFile } from "./uploads/wav.test.fixture.ts";

const patience = 30_000;
const cleanUps: (() => Promise<unknown>)[] = [];
let model: VllmServer;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-vllm-"));
  const modelLog = join(folder, "vllm.log");
  cleanUps.push(() => rm(folder, { recursive: true }));
  const engine = await startFakeEngine();
  cleanUps.push(() => engine.close());
  model = await startVllmServer({ logFile: modelLog });
  cleanUps.push(() => model.stop());
  const worker = await startInProcess({ reportUrl: engine.url, modelUrl: model.url, modelLog }, (environment) =>
    createVllmWorker({ environment, routes: Object.keys(routes), benchmarkRoute: "/v1/audio/transcriptions" }),
  );
  cleanUps.push(() => worker.stop());
  url = worker.url;
  await engine.status(({ max_perf: perf }) => Number(perf) > 0, patience);
}, patience);

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

const formAt = (index: number) =>
  model.requests
    .filter(({ method }) => method === "POST")
    .at(index)
    ?.form();
const recording = wavFile({ samples: Buffer.alloc(1000) });

test("a model is measured by the route that is asked for", async () => {
  const measured = model.requests.filter(({ path }) => path === "/v1/audio/transcriptions");
  expect(await measured[0]?.form()).toEqual([
    expect.objectContaining({ name: "model", value: "stand-in" }),
    expect.objectContaining({ name: "file", fileName: "audio.wav", type: "audio/wav", size: 30 * 32_000 + 44 }),
  ]);
  expect(measured.length).toBeGreaterThan(4);
});

test("a file in JSON reaches the model as a form", async () => {
  const payload = { file: recording.toString("base64"), filename: "talk.wav", language: "en" };
  const answer = await postJson(`${url}/v1/audio/transcriptions`, payload);
  expect(await answer.json()).toMatchObject({ usage: { type: "duration", seconds: 10 } });
  expect(await formAt(-1)).toEqual([
    expect.objectContaining({ name: "language", value: "en" }),
    expect.objectContaining({ name: "model", value: "stand-in" }),
    expect.objectContaining({ name: "file", fileName: "talk.wav", type: "audio/wav", bytes: recording }),
  ]);
});

test("a form that OpenAI's clients send reaches the model as it is", async () => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(recording)], { type: "audio/wav" }), "talk.wav");
  form.append("model", "mine");
  form.append("timestamp_granularities[]", "word");
  form.append("timestamp_granularities[]", "segment");
  const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: "POST", body: form });
  expect(answer.status).toBe(200);
  expect(await formAt(-1)).toEqual([
    expect.objectContaining({ name: "model", value: "mine" }),
    expect.objectContaining({ name: "timestamp_granularities[]", value: "word" }),
    expect.objectContaining({ name: "timestamp_granularities[]", value: "segment" }),
    expect.objectContaining({ name: "file", fileName: "talk.wav", bytes: recording }),
  ]);
});

test("a file that is wrong never reaches the model", async () => {
  const before = model.requests.length;
  const answer = await postJson(`${url}/v1/images/edits`, { prompt: "bluer", image: ["%%%"] });
  expect([answer.status, await answer.json()]).toEqual([422, { payload: { "image.0": "expected base64" } }]);
  expect(model.requests).toHaveLength(before);
});

test("a response is fetched by its id", async () => {
  const created = await postJson(`${url}/v1/responses`, { input: "Hi", max_output_tokens: 4 });
  const { id, usage }: { id: string; usage: object } = Object(await created.json());
  expect(usage).toMatchObject({ output_tokens: 4 });
  const fetched = await fetch(`${url}/v1/responses/${id}`);
  expect([fetched.status, await fetched.json()]).toEqual([200, expect.objectContaining({ id })]);
});
