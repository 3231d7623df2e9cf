import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectMany, slowBody, slowHead, startSlowClients } from "../harness/drip.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { statusesIn } from "../harness/raw-connection.ts";
import { allowMinutes, median, megabytesOf, say, timed } from "../harness/soak.ts";
import { startObedient } from "../harness/start-obedient.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

allowMinutes(10);
const cleanUp = createCleanUps();
const idleCount = 10_000;
const slowCount = 1000;
/** The share of their speed that others keep: all of it, but for what a shared machine takes. */
const leastShare = 0.6;

/** Requests per second of 16 clients, the median of five rounds. */
async function measureSpeed(worker: WorkerUnderTest): Promise<number> {
  const body = envelopes(worker, { first: 1, payload: () => ({}) });
  const rates: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { result, seconds } = await timed(() =>
      postMany({ url: worker.url, count: 1000, concurrency: 16, route: () => "/parallel", body }),
    );
    expect(result).toEqual(new Map([[200, 1000]]));
    rates.push(1000 / seconds);
  }
  return median(rates);
}

verifies(["F8"], "serves others beside ten thousand idle and a thousand slow clients, and closes both", async () => {
  const { worker } = await startObedient(cleanUp);
  await measureSpeed(worker);
  const alone = await measureSpeed(worker);
  const [fdsBefore, before] = [await worker.metric("process_open_fds"), await megabytesOf(worker)];
  const idle = await connectMany(worker.port, idleCount);
  cleanUp(() => idle.forEach((connection) => void connection.close()));
  for (const connection of idle) {
    connection.send("GET / HTTP/1.1\r\nhost: worker\r\n\r\n");
  }
  await until(() => idle.every((connection) => statusesIn(connection.received())[0] === 404), { timeoutMs: 60_000 });
  const [heads, bodies] = [
    await startSlowClients(worker.port, slowCount / 2, slowHead),
    await startSlowClients(worker.port, slowCount / 2, slowBody),
  ];
  cleanUp(() => [heads, bodies].forEach((clients) => void clients.stop()));
  const slow = [...heads.connections, ...bodies.connections];
  const slowGone = timed(() => until(() => slow.every((connection) => connection.isClosed()), { timeoutMs: 120_000 }));
  const beside = await measureSpeed(worker);
  const [fds, after] = [await worker.metric("process_open_fds"), await megabytesOf(worker)];
  const { seconds: slowSeconds } = await slowGone;
  const idleGone = await timed(() =>
    until(() => idle.every((connection) => connection.isClosed()), { timeoutMs: 120_000 }),
  );
  await until(async () => (await worker.metric("process_open_fds")) < fdsBefore + 100);
  say(
    `F8: ${Math.round(alone)} requests/s alone, ${Math.round(beside)} beside ${idleCount} idle and ${slowCount} slow clients ` +
      `(${fds} open files, ${before} MB before, ${after} MB with them); the slow were closed within ` +
      `${slowSeconds.toFixed(0)} s, the idle ${idleGone.seconds.toFixed(0)} s after that`,
  );
  expect(fds).toBeGreaterThan(idleCount);
  expect(beside / alone).toBeGreaterThan(leastShare);
  expect(slow.every((connection) => connection.received().startsWith("HTTP/1.1 408 "))).toBe(true);
});
