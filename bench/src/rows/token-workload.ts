import { absolute, atLeast, atMost, compared, milliseconds, perSecond } from "../line.ts";
import { createBodies } from "../load/bodies.ts";
import { measureLatency } from "../load/latency.ts";
import { measureRequestRate } from "../load/request-rate.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";

const row = "P1t";
const what = "signed requests through the vLLM worker, 16 connections";

/** What it costs to price requests by their tokens, with every prompt a new one. */
export const tokenWorkload: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const bodiesFor = createBodies(engine, { bytes: 1700, count: 4000 });
    const starts = { ours: stage.vllmWorker, constant: stage.constantWorker, python: stage.pythonWorker };
    const rates = await sideBySide(bench, starts, async ({ url }) => {
      const load = { bodies: bodiesFor(url), connections: 16, seconds: bench.seconds };
      return { rate: (await measureRequestRate(url, load)).perSecond };
    });
    const workers = { ours: stage.vllmWorker, constant: stage.constantWorker };
    const latencies = await sideBySide(bench, workers, async ({ url }) => ({
      latency: await measureLatency(url, { bodies: bodiesFor(url), requests: bench.requests }),
    }));
    const constant = latencies.figures("constant", "latency");
    const rate = { row, what, format: perSecond, ours: rates.figures("ours", "rate") };
    return [
      compared({ ...rate, peer: rates.peer("python", "rate"), goal: atLeast(6) }),
      compared({ ...rate, peer: rates.peer("constant", "rate") }),
      absolute({
        row,
        what: "median latency beyond the constant worker's, 1 connection",
        format: milliseconds,
        ours: latencies.figures("ours", "latency").map((latency, round) => latency - (constant[round] ?? Number.NaN)),
        goal: atMost(0.3, " ms"),
      }),
    ];
  },
};
