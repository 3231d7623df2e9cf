import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "@jest/globals";
import { type ModelServer, type ReportBody, type TgiFatalVariant, tgiLogLines, until } from "@pyworker/testing";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn, statusAfter } from "../harness/wait-for.ts";

const { makeFolder, startTgiServer, startWorker } = createStarters();
const grammars = [
  { grammar: "coloured text", json: false },
  { grammar: "objects", json: true },
] as const;

const isReady = ({ max_perf: perf, error_msg: told }: ReportBody): boolean => Number(perf) > 0 && told === "";

interface Pair {
  model: ModelServer;
  worker: WorkerUnderTest;
}

/** A worker that waits for the log of a model server. */
async function startPair(json: boolean): Promise<Pair> {
  const logFile = join(await makeFolder(), "infer.log");
  const model = await startTgiServer({ logFile, json, startDelayMs: 200 });
  const worker = await startWorker({ program: "tgi", modelUrl: model.url, env: { MODEL_LOG: logFile } });
  return { model, worker };
}

const pairs = new Map<boolean, Pair>();

beforeAll(async () => {
  for (const { json } of grammars) {
    pairs.set(json, await startPair(json));
  }
});

function pairOf(json: boolean): Pair {
  const pair = pairs.get(json);
  if (pair === undefined) {
    throw new Error("it has not started");
  }
  return pair;
}

const variants: readonly TgiFatalVariant[] = [
  "ArgumentValidation",
  "NotEnoughCUDADevices",
  "DownloadError",
  "ShardCannotStart",
  "ShardDisconnected",
  "ShardFailed",
  "WebserverFailed",
  "WebserverCannotStart",
];

for (const { grammar, json } of grammars) {
  const lines = tgiLogLines({ json });

  verifies(["tgi/ready"], `${grammar}: is ready by the log that the model server writes`, async () => {
    const { worker } = pairOf(json);
    expect(await worker.engine.status(isReady)).toMatchObject({ max_perf: 1000 });
    for (const text of ["Successfully downloaded weights", "Shard ready in", "Connected"]) {
      expect(worker.process.output()).toContain(text);
    }
  });

  verifies(["tgi/own-words"], `${grammar}: a request's own words change nothing`, async () => {
    const { model, worker } = pairOf(json);
    const words = [
      ["Connected", ": Connected", "Error: ShardFailed", "\nError: WebserverFailed\n"],
      [...lines.ready().slice(-1), ...lines.fatal("ShardFailed").slice(0, 1), ": Webserver Crashed", "Shard 0 crashed"],
    ];
    const expectNothing = async (route: string) => {
      const before = meanings(worker).length;
      const told = (await requestLines(model)).length;
      for (const stop of words) {
        const payload = { inputs: "Error: ShardFailed", parameters: { max_new_tokens: 4, stop } };
        // Not through the worker, which takes no requests once the model has failed.
        expect((await postJson(model.url + route, payload)).status).toBe(200);
      }
      await until(async () => (await requestLines(model)).length === told + words.length);
      await model.log(...lines.loading());
      await until(() => meanings(worker).length >= before + 3);
      expect(meanings(worker).slice(before)).toEqual(["info", "info", "info"]);
    };
    await worker.engine.status(isReady);
    await expectNothing("/generate");
    expect(await isIn(worker, "ready")).toBe(true);
    await statusAfter(
      worker.engine,
      () => model.log(...lines.fatal("WebserverFailed")),
      ({ max_perf: perf }) => perf === 0,
    );
    await expectNothing("/generate_stream");
    await statusAfter(worker.engine, () => model.log(...lines.ready()), isReady);
  });

  verifies(["tgi/fatal"], `${grammar}: reports every way in which the launcher ends`, async () => {
    const { model, worker } = pairOf(json);
    await worker.engine.status(isReady);
    for (const variant of variants) {
      const errored = await statusAfter(
        worker.engine,
        () => model.log(...lines.fatal(variant)),
        ({ error_msg: told }) => told === `Error: ${variant}`,
      );
      expect([variant, errored.max_perf]).toEqual([variant, 0]);
      await statusAfter(worker.engine, () => model.log(...lines.ready()), isReady);
    }
  });
}

/** What the worker has made of the log, in order. */
const meanings = ({ process }: WorkerUnderTest): string[] =>
  [...process.output().matchAll(/"kind":"(\w+)"/g)].map(([, kind = ""]) => kind);

/** What the model server's log says of requests. */
const requestLines = async ({ logFile = "" }: ModelServer): Promise<string[]> =>
  (await readFile(logFile, "utf8")).split("\n").filter((line) => line.includes("GenerateParameters"));

const postJson = (url: string, payload: object): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload) });

verifies(["tgi/health"], "is ready no sooner than the health endpoint answers 200", async () => {
  const model = await startTgiServer({ faults: { healthStatus: 503 } });
  const worker = await startWorker({ program: "tgi", modelUrl: model.url });
  await until(() => worker.engine.statuses.length > 0);
  await worker.log(...tgiLogLines().ready());
  await until(() => model.probes.length > 3);
  expect(worker.engine.statuses.filter(isReady)).toEqual([]);
  expect(await isIn(worker, "ready")).toBe(false);
  await statusAfter(worker.engine, () => model.faults.set({}), isReady);
});
