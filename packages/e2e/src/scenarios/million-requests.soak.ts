import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { allowMinutes, megabytesOf, say, smallHeap, timed } from "../harness/soak.ts";
import { startModel } from "../harness/start-model.ts";
import { startWorker } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

allowMinutes(60);
const cleanUp = createCleanUps();
const batch = 10_000;
const batches = 100;
const mostGrowth = 1.1;
/**
 * Before V8 has collected all of its heap a few times, memory grows with what is dead; ten thousand requests may be too
 * few for one collection.
 */
const leastCollections = 4;

const whole = '{"choices":[{"text":"well"}],"usage":{"prompt_tokens":20,"completion_tokens":4}}';
const streamed = `data: {"choices":[{"text":"well"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":4}}\n\ndata: [DONE]\n\n`;

/** Of twenty requests, two are streams, one is refused for its payload; each has a prompt of its own. */
const payload = (index: number) => ({
  prompt: `${index} questions of ${index * 7919} letters, asked ${"again and ".repeat(index % 20)}again`,
  max_tokens: index % 20 === 7 ? "many" : 8,
  stream: index % 10 === 3,
});

verifies(["F12"], "needs no more memory after a million requests than after ten thousand", async () => {
  const model = await startModel(({ body }, response) => {
    model.requests.length = 0;
    const isStream = body.includes('"stream":true');
    response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
    response.end(isStream ? streamed : whole);
  });
  cleanUp(() => model.stop());
  const worker = await startWorker({ modelUrl: model.url, env: smallHeap });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
  const megabytes: number[] = [];
  let settledAfter = 0;
  const { seconds } = await timed(async () => {
    for (let round = 0; round < batches; round += 1) {
      const body = envelopes(worker, { first: 1 + round * batch, payload: (index) => payload(round * batch + index) });
      const answers = await postMany({
        url: worker.url,
        count: batch,
        concurrency: 16,
        route: () => "/v1/completions",
        body,
      });
      expect(answers).toEqual(
        new Map([
          [200, batch - batch / 20],
          [422, batch / 20],
        ]),
      );
      megabytes.push(await megabytesOf(worker));
      const collections = await worker.metric("nodejs_gc_duration_seconds_count", { kind: "major" });
      settledAfter ||= collections >= leastCollections ? megabytes.length : 0;
    }
  });
  const served = (batches * batch * 19) / 20;
  const ended = () => worker.engine.deletions.length;
  await until(() => ended() >= served, { timeoutMs: 60_000, what: () => `${served} deletes; there are ${ended()}` });
  const settled = megabytes[settledAfter - 1] ?? Number.NaN;
  const last = megabytes.at(-1) ?? Number.NaN;
  say(
    `F12: ${batches * batch} requests in ${seconds.toFixed(0)} s (${Math.round((batches * batch) / seconds)}/s); ` +
      `worker ${megabytes[0]} MB after ${batch}, ${settled} MB after ${settledAfter * batch} and ${leastCollections} ` +
      `collections, ${last} MB after all; by the 100 000: ${megabytes.filter((_, round) => round % 10 === 9).join(" ")}`,
  );
  expect(ended()).toBe(served);
  expect(await worker.metric("pyworker_load")).toBe(0);
  expect(settledAfter).toBeLessThanOrEqual(batches / 10);
  expect(last / settled).toBeLessThanOrEqual(mostGrowth);
});
