import type { Bench } from "../bench.ts";
import { absolute, atMost, compared, seconds } from "../line.ts";
import { findPython, startPythonWorker } from "../peers/python-worker.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";
import type { Stage } from "../stage.ts";
import type { WorkerTarget } from "../target.ts";
import { makeReady, startConstantWorker } from "../workers/start-worker.ts";

const row = "P6";
const what = "load line to ready report, instant benchmark";

/** How soon the engine hears that a worker is ready. */
export const ready: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const settings = { ...(await stage.urls()), name: "ready", isMeasured: false, healthPath: undefined };
    const starts = {
      ours: async () => async () => measureReady(stage, await startConstantWorker(bench, settings)),
      python: async () => {
        const measured = await measurePython(bench, stage, settings);
        return async () => measured.pop() ?? Number.NaN;
      },
    };
    const measured = await sideBySide(bench, starts, async (measureOne) => ({ time: await measureOne() }));
    const line = { row, what, format: seconds, ours: measured.figures("ours", "time") };
    return [
      absolute({ ...line, goal: atMost(0.2, " s") }),
      compared({ ...line, peer: measured.peer("python", "time") }),
    ];
  },
};

interface Settings {
  engineUrl: string;
  modelUrl: string;
  name: string;
  isMeasured: boolean;
  healthPath: undefined;
}

/** It sleeps for most of the time, ten seconds and more: all rounds at once, or they would take minutes. */
async function measurePython(bench: Bench, stage: Stage, settings: Settings): Promise<number[]> {
  await findPython(bench);
  const rounds = Array.from({ length: bench.rounds + 1 }, async () => {
    return measureReady(stage, await startPythonWorker(bench, settings));
  });
  return Promise.all(rounds);
}

async function measureReady(stage: Stage, worker: WorkerTarget): Promise<number> {
  const engine = await stage.engine();
  await engine.engine.waitForWorker(({ url }) => url === worker.url);
  const startedAt = performance.now();
  await makeReady(engine, worker);
  const seconds = (performance.now() - startedAt) / 1000;
  await worker.process.stop();
  return seconds;
}
