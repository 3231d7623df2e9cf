import { atMost, compared, milliseconds } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { timeCrowd } from "../load/many-connections.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";

const row = "G3";
const what = "time for a request with 10 000 waiting in line";

/** Whether a long queue costs more for each request than a short one. */
export const longQueue: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const { url } = await stage.constantWorker();
    const body = signedBody(engine, { prompt: "hello", url });
    const lengths = new Map([
      ["short", { connections: 100, times: 20 }],
      ["long", { connections: 10_000, times: 1 }],
    ]);
    const samples = await inTurn(lengths, bench.rounds, (length) =>
      timeCrowd(url, { ...length, path: "/serial", body }),
    );
    const peer = { name: "100 waiting", samples: samples.get("short") };
    return [compared({ row, what, format: milliseconds, ours: samples.get("long") ?? [], peer, goal: atMost(1.5) })];
  },
};
