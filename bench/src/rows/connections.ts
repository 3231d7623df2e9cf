import { absolute, atLeast, compared, perSecond } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { measureKeptConnections } from "../load/many-connections.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";

const row = "G1";
const what = "signed requests, 1.7 KB, 1000 connections";

/** Whether more connections cost more for each request. */
export const connections: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const { url } = await stage.constantWorker();
    const body = signedBody(engine, { prompt: "hello ".repeat(200), url });
    const counts = new Map([1, 10, 100, 1000].map((count) => [count, count]));
    const samples = await inTurn(counts, bench.rounds, (count) =>
      measureKeptConnections(url, { path: "/v1/completions", body, connections: count, seconds: bench.seconds }),
    );
    const rates = (count: number) => samples.get(count) ?? [];
    const line = { row, what, format: perSecond, ours: rates(1000) };
    return [
      // One connection waits for every answer: its rate says how long an answer takes, not how many can be had.
      absolute({ row, what: "the same, 1 connection", format: perSecond, ours: rates(1) }),
      compared({ ...line, peer: { name: "100 connections", samples: rates(100) } }),
      compared({ ...line, peer: { name: "10 connections", samples: rates(10) }, goal: atLeast(0.8) }),
    ];
  },
};
