import { atMost, compared, milliseconds } from "../line.ts";
import { timeLogRead } from "../load/model-log.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";

const row = "G4";
const what = "time for 1 MB of a log line of 100 MB";

/** Whether a long line of the log costs more for each byte than a shorter one. */
export const longLines: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const worker = await stage.vllmWorker();
    const lengths = new Map([10, 100].map((megabytes) => [megabytes, megabytes]));
    const samples = await inTurn(lengths, bench.rounds, async (megabytes) => {
      const seconds = await timeLogRead(worker, Buffer.alloc(megabytes * 1_000_000, "Loading weights: 41% "));
      return (seconds * 1000) / megabytes;
    });
    const peer = { name: "of 10 MB", samples: samples.get(10) };
    return [compared({ row, what, format: milliseconds, ours: samples.get(100) ?? [], peer, goal: atMost(1.5) })];
  },
};
