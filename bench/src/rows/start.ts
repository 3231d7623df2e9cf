import { setTimeout as sleep } from "node:timers/promises";
import { atMost, compared, megabytes, seconds } from "../line.ts";
import { findPython, startPythonWorker } from "../peers/python-worker.ts";
import { residentBytes } from "../process-usage.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";
import { startConstantWorker, startVllmWorker } from "../workers/start-worker.ts";

const row = "P5";
const what = "start to listening";
const idleMilliseconds = 2000;

/** How long a worker takes to start, and what it takes of memory while it waits for its model. */
export const start: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const settings = { ...(await stage.urls()), name: "start" };
    const starts = {
      ours: async () => () => startConstantWorker(bench, settings),
      vllm: async () => () => startVllmWorker(bench, settings),
      python: async () => {
        await findPython(bench);
        return () => startPythonWorker(bench, settings);
      },
    };
    const measured = await sideBySide(bench, starts, async (startOne) => {
      const { process, startSeconds } = await startOne();
      await sleep(idleMilliseconds);
      const memory = residentBytes(process.pid);
      await process.stop();
      return { startSeconds, memory };
    });
    const time = { row, what, format: seconds, ours: measured.figures("ours", "startSeconds") };
    const memory = { row, what: "resident memory, idle", format: megabytes, ours: measured.figures("ours", "memory") };
    return [
      compared({ ...time, peer: measured.peer("python", "startSeconds"), goal: atMost(0.5) }),
      compared({ ...time, peer: measured.peer("vllm", "startSeconds") }),
      compared({ ...memory, peer: measured.peer("python", "memory"), goal: atMost(1.5) }),
      compared({ ...memory, peer: measured.peer("vllm", "memory") }),
    ];
  },
};
