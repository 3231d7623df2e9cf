import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { absolute, atMost, kilobytes } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { openStream } from "../load/streams.ts";
import { streamPath } from "../model/start-model.ts";
import { residentBytes } from "../process-usage.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";
import type { Stage } from "../stage.ts";
import { makeReady, startConstantWorker } from "../workers/start-worker.ts";

const row = "G2";
const what = "memory of an open stream";
/** Opened before the first look, so that what any first request needs is there already. */
const firstStreams = 200;
const moreStreams = 2000;
const streamsAtOnce = 100;
const settleMilliseconds = 2000;

/** What a stream takes of memory while little comes: one event a second. */
export const openStreams: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const starts = { ours: async () => () => measureMemory(bench, stage) };
    const measured = await sideBySide(bench, starts, async (measureOne) => ({ memory: await measureOne() }));
    const ours = measured.figures("ours", "memory");
    return [absolute({ row, what, format: kilobytes, ours, goal: atMost(50_000, " bytes") })];
  },
};

/** In a worker of its own: a process seldom gives back what it has taken. */
async function measureMemory(bench: Bench, stage: Stage): Promise<number> {
  const engine = await stage.engine();
  const settings = { ...(await stage.urls()), name: "streams" };
  const worker = await startConstantWorker(bench, settings);
  await makeReady(engine, worker);
  const request = {
    path: streamPath(1000, 1000),
    body: signedBody(engine.engine, { prompt: "hello", stream: true, url: worker.url }),
  };
  const sockets: Socket[] = [];
  const open = async (count: number): Promise<number> => {
    for (let opened = 0; opened < count; opened += streamsAtOnce) {
      const some = Array.from({ length: streamsAtOnce }, () => openStream(worker.url, request));
      await Promise.all(some.map((socket) => once(socket, "data")));
      for (const socket of some) {
        sockets.push(socket.resume());
      }
    }
    await sleep(settleMilliseconds);
    return residentBytes(worker.process.pid);
  };
  const before = await open(firstStreams);
  const after = await open(moreStreams);
  for (const socket of sockets) {
    socket.destroy();
  }
  await worker.process.stop();
  return (after - before) / moreStreams;
}
