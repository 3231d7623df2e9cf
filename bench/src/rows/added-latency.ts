import { atMost, compared, milliseconds } from "../line.ts";
import { createBodies } from "../load/bodies.ts";
import { measureLatency } from "../load/latency.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";

const row = "P2";
const what = "median latency added to the model's own, 1 connection";

/** How much later an answer comes through a worker than from the model itself. */
export const addedLatency: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const bodiesFor = createBodies(engine, { bytes: 1700, count: 500 });
    const starts = { model: stage.model, ours: stage.constantWorker, nginx: stage.nginx, python: stage.pythonWorker };
    const measured = await sideBySide(bench, starts, async ({ url }) => ({
      latency: await measureLatency(url, { bodies: bodiesFor(url), requests: bench.requests }),
    }));
    const direct = measured.figures("model", "latency");
    const added = (latencies: readonly number[]): number[] =>
      latencies.map((latency, round) => latency - (direct[round] ?? Number.NaN));
    const addedBy = (name: string) => {
      const peer = measured.peer(name, "latency");
      return { ...peer, samples: peer.samples && added(peer.samples) };
    };
    const line = { row, what, format: milliseconds, ours: added(measured.figures("ours", "latency")) };
    return [
      compared({ ...line, peer: addedBy("python"), goal: atMost(0.125) }),
      compared({ ...line, peer: addedBy("nginx") }),
    ];
  },
};
