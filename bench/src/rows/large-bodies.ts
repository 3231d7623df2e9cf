import { atLeast, compared, milliseconds, perSecond } from "../line.ts";
import { createBodies } from "../load/bodies.ts";
import { measureRequestRate } from "../load/request-rate.ts";
import { cpuSeconds } from "../process-usage.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";

const row = "P4";
const what = "signed requests, 1 MB, 4 connections";

/** Requests that hold an image or a long document. */
export const largeBodies: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const bodiesFor = createBodies(engine, { bytes: 1_000_000, count: 4 });
    const starts = { ours: stage.constantWorker, nginx: stage.nginx, python: stage.pythonWorker };
    const measured = await sideBySide(bench, starts, async ({ process, url }) => {
      const before = cpuSeconds(process.pid);
      const load = { bodies: bodiesFor(url), connections: 4, seconds: bench.seconds };
      const { p99, perSecond: rate, requests } = await measureRequestRate(url, load);
      return { rate, p99, cpu: ((cpuSeconds(process.pid) - before) * 1000) / requests };
    });
    const rate = { row, what, format: perSecond, ours: measured.figures("ours", "rate") };
    const p99 = { row, what: `${what}: p99`, format: milliseconds, ours: measured.figures("ours", "p99") };
    const cpu = { row, what: `${what}: CPU of each`, format: milliseconds, ours: measured.figures("ours", "cpu") };
    return [
      compared({ ...rate, peer: measured.peer("python", "rate"), goal: atLeast(10) }),
      compared({ ...rate, peer: measured.peer("nginx", "rate") }),
      compared({ ...p99, peer: measured.peer("python", "p99") }),
      compared({ ...cpu, peer: measured.peer("python", "cpu") }),
      compared({ ...cpu, peer: measured.peer("nginx", "cpu") }),
    ];
  },
};
