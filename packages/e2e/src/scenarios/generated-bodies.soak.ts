import { expect } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { fuzz, handlerRoute, sessionRoutes } from "../harness/fuzz.ts";
import { allowMinutes, median, megabytesOf, say, smallHeap, timed } from "../harness/soak.ts";
import { startModel } from "../harness/start-model.ts";
import { startWorker } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

allowMinutes(30);
const cleanUp = createCleanUps();
const batches = 10;
const batch = 10_000;
/** Memory in the second half, over memory in the first: bodies of half a megabyte come and go. */
const mostGrowth = 1.2;

verifies(["F9"], "refuses a hundred thousand generated bodies, and grows by none of them", async () => {
  const model = await startModel((_request, response) => {
    model.requests.length = 0;
    response.end("{}");
  });
  cleanUp(() => model.stop());
  const worker = await startWorker({ modelUrl: model.url, env: smallHeap });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
  const completion = { prompt: "hello", max_tokens: 4, n: 1, stream: false };
  const chat = { messages: [{ role: "user", content: "hello" }], max_tokens: 4, stream: true, tools: [] };
  const routes = [
    handlerRoute(worker, "/v1/completions", completion),
    handlerRoute(worker, "/v1/completions", { input: completion }),
    handlerRoute(worker, "/v1/chat/completions", chat),
    ...sessionRoutes(worker),
  ];
  const answers = new Map<number, number>();
  const megabytes: number[] = [];
  const { seconds } = await timed(async () => {
    for (let seed = 1; seed <= batches; seed += 1) {
      const result = await fuzz({ url: worker.url, routes, count: batch, seed });
      expect(result.wrong.slice(0, 5)).toEqual([]);
      for (const [status, count] of result.answers) {
        answers.set(status, (answers.get(status) ?? 0) + count);
      }
      megabytes.push(await megabytesOf(worker));
    }
  });
  const counts = [...answers].sort().map(([status, count]) => `${count} × ${status}`);
  say(
    `F9: ${batches * batch} bodies in ${seconds.toFixed(0)} s: ${counts.join(", ")}; worker MB: ${megabytes.join(" ")}`,
  );
  expect((await worker.send("/v1/completions", completion)).status).toBe(200);
  expect(worker.process.output()).not.toMatch(/"level":[56]0/);
  const [firstHalf, secondHalf] = [megabytes.slice(0, batches / 2), megabytes.slice(batches / 2)];
  expect(median(secondHalf) / median(firstHalf)).toBeLessThan(mostGrowth);
});
