import { expect } from "@jest/globals";
import { startFakeEngine, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { allowMinutes, megabytesOf, say, timed } from "../harness/soak.ts";
import { startObedient } from "../harness/start-obedient.ts";
import { verifies } from "../harness/verifies.ts";

allowMinutes(30);
const cleanUp = createCleanUps();
const count = 100_000;
/** What is kept of a request that has ended takes a few hundred bytes; the rest is for the heap's slack. */
const mostMegabytesMore = 192;

verifies(["F2"], "serves a hundred thousand requests with no engine there, and tells all of them later", async () => {
  const [other, engine] = await Promise.all([startFakeEngine(), startFakeEngine()]);
  cleanUp(() => engine.close());
  const { model, worker } = await startObedient(cleanUp, {
    engine,
    env: { REPORT_ADDR: `${engine.url},${other.url}` },
  });
  const body = envelopes(worker, { first: 1, payload: () => ({ cost: 3 }) });
  const send = (from: number, to: number) =>
    postMany({
      url: worker.url,
      count: to - from,
      concurrency: 16,
      route: () => "/parallel",
      body: (index) => {
        model.requests.length = 0;
        return body(from + index);
      },
    });
  await Promise.all([engine.close(), other.close()]);
  await send(0, 10_000);
  const before = await megabytesOf(worker);
  const { result: answers, seconds } = await timed(() => send(10_000, count));
  const after = await megabytesOf(worker);
  expect(answers).toEqual(new Map([[200, count - 10_000]]));
  expect(engine.deletions).toHaveLength(0);
  await engine.listen();
  const back = await timed(() =>
    until(() => engine.deletions.length >= count && engine.sum("cur_perf") >= 3 * count, {
      timeoutMs: 120_000,
      what: () => `all reports; there are ${engine.deletions.length} deletes`,
    }),
  );
  expect(new Set(engine.deletions.map(({ request_idx }) => request_idx)).size).toBe(count);
  expect(engine.deletions).toHaveLength(count);
  expect([engine.sum("cur_perf"), engine.sum("new_load")]).toEqual([3 * count, 3 * count]);
  say(
    `F2: ${count} requests with no engine, ${Math.round((count - 10_000) / seconds)}/s; worker ${before} MB after 10 000, ` +
      `${after} MB after all; all reported ${back.seconds.toFixed(1)} s after one engine of two came back`,
  );
  expect(after - before).toBeLessThan(mostMegabytesMore);
});
