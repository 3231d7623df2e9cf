import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { startObedient } from "../harness/start-obedient.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

verifies(
  ["F6", "D28", "stop/drain"],
  "finishes what is in flight when told to stop, refuses what comes, and reports all of it",
  async () => {
    const { release, seen, worker } = await startObedient(cleanUp);
    const { engine } = worker;
    engine.faults.delayMs = 300;
    const held = Array.from({ length: 30 }, () => worker.send("/parallel", { kind: "held", cost: 1 }));
    const begun = Array.from({ length: 30 }, () => worker.send("/parallel", { kind: "begun", cost: 1 }));
    const serial = [worker.send("/serial-a", { kind: "held", cost: 1 })];
    await until(() => seen.length === 61);
    serial.push(worker.send("/serial-b", { cost: 1 }), worker.send("/serial-a", { cost: 1 }));
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 63);
    const inFlight = [...held, ...begun, ...serial];
    // Others keep coming, before and after the signal, until nobody listens.
    const others = { served: 0, refused: 0, unanswered: 0, wrong: 0 };
    const body = envelopes(worker, { first: 100_000, payload: () => ({ cost: 1 }) });
    const sendOthers = async (): Promise<void> => {
      for (let index = 0; index < 5000 && others.unanswered === 0; index += 1) {
        const answers = await postMany({
          url: worker.url,
          count: 4,
          concurrency: 4,
          route: () => "/parallel",
          body: (part) => body(4 * index + part),
        });
        others.served += answers.get(200) ?? 0;
        others.refused += answers.get(503) ?? 0;
        others.unanswered += answers.get(0) ?? 0;
        others.wrong += [...answers.keys()].filter((status) => ![0, 200, 503].includes(status)).length;
      }
    };
    const sending = sendOthers();
    await until(() => others.served > 20);

    const stopped = worker.process.stop("SIGTERM");
    await until(async () => (await worker.metric("pyworker_state", { state: "draining" })) === 1);
    const late = await worker.send("/parallel", { cost: 1 });
    expect([late.status, late.headers.get("connection"), late.headers.has("retry-after")]).toEqual([
      503,
      "close",
      true,
    ]);
    await until(() => others.refused > 0);
    release();
    const answers = await Promise.all(
      inFlight.map(async (request) => [(await request).status, await (await request).text()]),
    );
    expect(answers).toEqual([
      ...held.map(() => [200, "done"]),
      ...begun.map(() => [200, "first, then done"]),
      ...serial.map(() => [200, "done"]),
    ]);
    expect(await stopped).toBe(0);
    await sending;

    expect(others.wrong).toBe(0);
    const served = inFlight.length + others.served;
    expect(engine.sum("cur_perf")).toBe(served);
    expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, max_perf: 0, num_requests_working: 0 });
    const ends = engine.deletions.map(({ status }) => status);
    expect(ends.filter((status) => status === "Success")).toHaveLength(served);
    expect(ends.filter((status) => status === "Rejected")).toHaveLength(others.refused + 1);
    expect(ends).toHaveLength(served + others.refused + 1);
  },
);

verifies(["F6"], "ends in good time and order while no engine is there to be told", async () => {
  const { worker } = await startObedient(cleanUp);
  expect((await worker.send("/parallel", {})).status).toBe(200);
  await worker.engine.close();
  const startedAt = performance.now();
  expect(await worker.process.stop("SIGTERM")).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
