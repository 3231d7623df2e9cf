import type { Bench } from "./bench.ts";
import { startModel, streamPath } from "./model/start-model.ts";
import { startNginx } from "./peers/nginx.ts";
import { makePythonReady, startPythonWorker } from "./peers/python-worker.ts";
import { type RunningEngine, startEngine } from "./start-engine.ts";
import type { Target, WorkerTarget } from "./target.ts";
import { makeReady, startConstantWorker, startVllmWorker } from "./workers/start-worker.ts";

/** The servers that rows share. Each is started when it is first asked for, and stays until the end of the run. */
export interface Stage {
  engine(): Promise<RunningEngine>;
  /** What every worker needs to know. */
  urls(): Promise<{ engineUrl: string; modelUrl: string }>;
  model(): Promise<Target>;
  constantWorker(): Promise<WorkerTarget>;
  vllmWorker(): Promise<WorkerTarget>;
  /** The vLLM worker before a model that streams every answer. */
  vllmStreamWorker(): Promise<WorkerTarget>;
  nginx(): Promise<Target>;
  /** Passes on what comes as it comes. */
  unbufferedNginx(): Promise<Target>;
  pythonWorker(): Promise<WorkerTarget>;
}

export function createStage(bench: Bench): Stage {
  const engine = once(() => startEngine(bench));
  const model = once(() => startModel(bench));
  const urls = async () => ({ engineUrl: (await engine()).url, modelUrl: (await model()).url });
  const ready = async (worker: WorkerTarget): Promise<WorkerTarget> => {
    await makeReady(await engine(), worker);
    return worker;
  };
  return {
    engine,
    model,
    urls,
    constantWorker: once(async () => ready(await startConstantWorker(bench, { ...(await urls()), name: "constant" }))),
    vllmWorker: once(async () => ready(await startVllmWorker(bench, { ...(await urls()), name: "vllm" }))),
    vllmStreamWorker: once(async () => {
      const { engineUrl, modelUrl } = await urls();
      const settings = { name: "vllm-stream", engineUrl, modelUrl: modelUrl + streamPath(200, 2) };
      return ready(await startVllmWorker(bench, settings));
    }),
    nginx: once(async () => startNginx(bench, { modelUrl: (await model()).url, buffering: "on" })),
    unbufferedNginx: once(async () => startNginx(bench, { modelUrl: (await model()).url, buffering: "off" })),
    pythonWorker: once(async () => {
      const worker = await startPythonWorker(bench, { ...(await urls()), name: "python" });
      await makePythonReady(await engine(), worker);
      return worker;
    }),
  };
}

/** Starts once, whoever asks and how often. */
function once<Started>(start: () => Promise<Started>): () => Promise<Started> {
  let started: Promise<Started> | undefined;
  return () => {
    started ??= start();
    return started;
  };
}
