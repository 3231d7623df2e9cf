import { setTimeout as sleep } from "node:timers/promises";
import { absolute, atMost, milliseconds, seconds } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { timeLogRead } from "../load/model-log.ts";
import { startProber } from "../load/prober.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";
import { median } from "../statistics.ts";

const row = "P7";
const what = "100 MB written to the log at once";
const logLine =
  "(APIServer pid=1) INFO 11-24 10:00:00 [loggers.py:127] Engine 000: Avg prompt throughput: 812.3 tokens/s, " +
  "Avg generation throughput: 2211.9 tokens/s, Running: 31 reqs, Waiting: 0 reqs, GPU KV cache usage: 41.2%\n";
const quietMilliseconds = 300;

/** How soon a flood of log lines is read, and what requests notice of it. */
export const logBurst: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const burst = Buffer.alloc(100_000_000, logLine);
    const measured = await sideBySide(bench, { ours: stage.vllmWorker }, async (worker) => {
      const body = signedBody(engine, { prompt: "hello", url: worker.url });
      const prober = startProber(worker.url, { body, path: "/v1/completions" });
      await sleep(quietMilliseconds);
      const usual = median(prober.take());
      const read = await timeLogRead(worker, burst);
      const longest = Math.max(...(await prober.stop()));
      return { read, delay: longest - usual };
    });
    const delay = { row, what: "longest delay of a request meanwhile", format: milliseconds };
    return [
      absolute({ row, what, format: seconds, ours: measured.figures("ours", "read"), goal: atMost(2, " s") }),
      absolute({ ...delay, ours: measured.figures("ours", "delay"), goal: atMost(20, " ms") }),
    ];
  },
};
