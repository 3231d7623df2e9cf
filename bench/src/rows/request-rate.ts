import { atLeast, compared, microseconds, perSecond } from "../line.ts";
import { createBodies } from "../load/bodies.ts";
import { measureRequestRate } from "../load/request-rate.ts";
import { cpuSeconds } from "../process-usage.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";

const row = "P1";
const what = "signed requests, 1.7 KB, 16 connections";

/** How many signed requests the core serves in a second, when every one of them costs the same. */
export const requestRate: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const bodiesFor = createBodies(engine, { bytes: 1700, count: 4000 });
    const starts = {
      model: stage.model,
      ours: stage.constantWorker,
      nginx: stage.nginx,
      python: stage.pythonWorker,
    };
    const measured = await sideBySide(bench, starts, async ({ process, url }) => {
      const before = cpuSeconds(process.pid);
      const load = { bodies: bodiesFor(url), connections: 16, seconds: bench.seconds };
      const { perSecond: rate, requests } = await measureRequestRate(url, load);
      return { rate, cpu: ((cpuSeconds(process.pid) - before) / requests) * 1_000_000 };
    });
    const rate = { row, what, format: perSecond, ours: measured.figures("ours", "rate") };
    const cpu = {
      row,
      what: `${what}: CPU of each`,
      format: microseconds,
      ours: measured.figures("ours", "cpu"),
    };
    return [
      compared({ ...rate, peer: measured.peer("model", "rate") }),
      compared({ ...rate, peer: measured.peer("python", "rate"), goal: atLeast(10) }),
      compared({ ...rate, peer: measured.peer("nginx", "rate"), goal: atLeast(0.3) }),
      compared({ ...cpu, peer: measured.peer("python", "cpu") }),
      compared({ ...cpu, peer: measured.peer("nginx", "cpu") }),
    ];
  },
};
