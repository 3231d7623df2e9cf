import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type ApiWrapper,
  type ComfyuiServer,
  type FakeEngine,
  postJson,
  startApiWrapper,
  startComfyuiServer,
  startFakeEngine,
  startInProcess,
  until,
} from "@pyworker/testing";
import { createComfyuiWorker } from "./create-comfyui-worker.ts";
import type { Mode } from "./servers.ts";

const patience = 60_000;
const cleanUps: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) {
    await cleanUp();
  }
});

interface All {
  comfyui: ComfyuiServer;
  wrapper: ApiWrapper;
  engine: FakeEngine;
  url: string;
}

/** A ComfyUI, its wrapper, and a worker beside them that has measured. */
async function startAll(mode: Mode | "auto"): Promise<All> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-comfyui-"));
  const engine = await startFakeEngine();
  const comfyui = await startComfyuiServer();
  const wrapper = await startApiWrapper({ comfyuiUrl: comfyui.url, pollMs: 5 });
  const [modelLog, path] = [join(folder, "comfyui.log"), join(folder, "broken.json")];
  await writeFile(modelLog, "");
  await writeFile(path, "{");
  const modelUrl = mode === "direct" ? comfyui.url : wrapper.url;
  const worker = await startInProcess({ reportUrl: engine.url, modelUrl, modelLog }, (environment) =>
    createComfyuiWorker({
      environment,
      comfyui: { mode, comfyuiUrl: comfyui.url, wrapperUrl: wrapper.url },
      benchmark: { file: join(folder, "none.json"), path, image: { width: 64, height: 32, steps: 2 } },
    }),
  );
  cleanUps.push(
    () => rm(folder, { recursive: true }),
    () => engine.close(),
    comfyui.stop,
    wrapper.stop,
    () => worker.stop(),
  );
  await engine.status(({ max_perf: perf }) => Number(perf) > 0, patience);
  return { comfyui, wrapper, engine, url: worker.url };
}

const picture = { input: { modifier: "Text2Image", modifications: { prompt: "a red fox", steps: 2 } } };

describe.each(["direct", "wrapper", "auto"] as const)("in the mode %s, a worker", (mode) => {
  let all: All;

  beforeAll(async () => {
    all = await startAll(mode);
  }, patience);

  test("measures with pictures of the size it was given, where a file can't be used", () => {
    const sent = all.comfyui.jobs.map(({ workflow }) =>
      JSON.stringify(workflow, (_key, value) => (typeof value === "bigint" ? "" : value)),
    );
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(sent.filter((text) => !text.includes('"width":64,"height":32'))).toEqual([]);
  });

  test("does a job by the way of its mode, at the price of its picture", async () => {
    const before = all.engine.sum("cur_perf");
    const throughWrapper = all.wrapper.jobs.length;
    const answer = await postJson(`${all.url}/generate/sync`, picture);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ status: "completed", output: [expect.objectContaining({ output_type: "images" })] }),
    ]);
    expect(all.wrapper.jobs.length - throughWrapper).toBe(mode === "direct" ? 0 : 1);
    await until(() => all.engine.sum("cur_perf") > before);
    expect(all.engine.sum("cur_perf") - before).toBeCloseTo(100 * (2 / 20));
  });

  test("passes on files, and nothing else of ComfyUI", async () => {
    const ask = async (path: string) => (await fetch(all.url + path)).status;
    expect([await ask("/view?filename=none.png"), await ask("/system_stats"), await ask("/queue")]).toEqual([
      404, 404, 404,
    ]);
    expect(all.comfyui.requests.filter(({ path }) => path.startsWith("/view?filename=none.png"))).toHaveLength(1);
  });
});
