import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { openSession } from "../harness/session-client.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn } from "../harness/wait-for.ts";

const { startModel, startWorker } = createStarters();

/** A ready worker, before a model that answers when it is told to. */
async function startBusy(env: Readonly<Record<string, string>> = {}) {
  const held: (() => void)[] = [];
  const model = await startModel(({ body, url }, response) => {
    if (url === "/closed") {
      response.end();
      return;
    }
    if (body.includes("stream")) {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n");
    }
    held.push(() => response.end("data: last\n\n"));
  });
  const worker = await startWorker({ program: "every-feature", modelUrl: model.url, env });
  await worker.becomeReady();
  const outcomeOf = (request_idx: number) =>
    until(() => worker.engine.deletions.find((deletion) => deletion.request_idx === request_idx)?.status as string);
  return { model, worker, held, outcomeOf };
}

verifies(["report/state-at-once"], "tells the engine at once that it takes no more", async () => {
  const delays: number[] = [];
  // A busy machine may be slow, but not each time.
  while (delays.length < 3 && Math.min(...delays) >= 700) {
    const { held, worker } = await startBusy();
    const inFlight = worker.send("/parallel", {});
    await until(() => held.length === 1);
    // This comes right behind a report: one that waited for the next would take its second.
    await worker.engine.status(({ num_requests_working }) => num_requests_working === 1);
    const stoppedAt = performance.now();
    const exit = worker.process.stop("SIGTERM");
    await until(() => worker.engine.statuses.at(-1)?.max_perf === 0);
    delays.push(performance.now() - stoppedAt);
    held[0]?.();
    expect([(await inFlight).status, await exit]).toEqual([200, 0]);
  }
  expect(Math.min(...delays)).toBeLessThan(700);
});

verifies(
  ["stop/drain", "D28"],
  "on SIGTERM takes no more, finishes what is in flight, tells the engine, and exits 0",
  async () => {
    const { held, model, outcomeOf, worker } = await startBusy();
    const { engine } = worker;
    const idx = { whole: 80_001, stream: 80_002, working: 80_003, waiting: 80_004, session: 80_005, late: 80_006 };
    const auth = (request_idx: number) => worker.authData({ request_idx });
    const session = await openSession(worker, { on_close_route: "/closed" }, auth(idx.session));
    const whole = worker.send("/parallel", { cost: 1 }, { auth: auth(idx.whole) });
    const stream = await worker.send("/parallel", { cost: 10, stream: true }, { auth: auth(idx.stream) });
    const working = worker.send("/serial-a", { cost: 100 }, { auth: auth(idx.working) });
    await until(() => held.length === 3);
    const waiting = worker.send("/serial-b", { cost: 1000 }, { auth: auth(idx.waiting) });
    await engine.status(({ num_requests_working }) => num_requests_working === 5);

    const exit = worker.process.stop("SIGTERM");
    await until(() => engine.statuses.at(-1)?.max_perf === 0);
    const late = await worker.send("/parallel", {}, { auth: auth(idx.late) });
    expect([late.status, late.headers.get("connection")]).toEqual([503, "close"]);
    expect(await isIn(worker, "draining")).toBe(true);

    for (let answered = 0; answered < 4; answered += 1) {
      await until(() => held[answered] !== undefined);
      held[answered]?.();
    }
    expect((await Promise.all([whole, working, waiting])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await stream.text()).toBe("data: first\n\ndata: last\n\n");
    expect(await exit).toBe(0);

    expect(model.requests.filter(({ url }) => url === "/closed").map(({ body }) => body.toString())).toEqual([
      JSON.stringify({ session_id: session.id }),
    ]);
    for (const request_idx of [idx.whole, idx.stream, idx.working, idx.waiting, idx.session]) {
      expect([request_idx, await outcomeOf(request_idx)]).toEqual([request_idx, "Success"]);
    }
    expect(await outcomeOf(idx.late)).toBe("Rejected");
    expect(engine.sum("cur_perf")).toBe(1111 + Number(session.auth.cost));
    expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_working: 0, max_perf: 0, error_msg: "" });
  },
);

verifies(["stop/deadline"], "aborts what is still in flight at the drain deadline", async () => {
  const { held, model, outcomeOf, worker } = await startBusy({ DRAIN_SECONDS: "0.5" });
  const request_idx = 81_001;
  const never = worker.send("/parallel", {}, { auth: worker.authData({ request_idx }) });
  await until(() => held.length === 1);
  const stoppedAt = performance.now();
  const exit = worker.process.stop("SIGTERM");
  const answer = await never;
  const waitedMs = performance.now() - stoppedAt;
  expect(waitedMs).toBeGreaterThan(450);
  expect(waitedMs).toBeLessThan(5000);
  expect([answer.status, await answer.json()]).toEqual([503, { error: "the worker has stopped" }]);
  expect(await exit).toBe(0);
  await until(() => model.requests[0]?.abortedAt !== undefined);
  expect(await outcomeOf(request_idx)).toBe("Error");
});

verifies(["stop/twice"], "heeds a signal once, and another one a second later at once", async () => {
  const { held, worker } = await startBusy();
  const inFlight = worker.send("/parallel", {}).catch(() => "broken");
  await until(() => held.length === 1);
  for (const signal of ["SIGTERM", "SIGINT", "SIGTERM"] as const) {
    process.kill(worker.process.pid, signal);
  }
  await until(() => isIn(worker, "draining"));
  const drainsAt = performance.now();
  // The meaning of a signal is in its time: the worker must still be there a second later.
  await until(async () => (await isIn(worker, "draining")) && performance.now() - drainsAt > 1100);
  process.kill(worker.process.pid, "SIGTERM");
  expect(await worker.process.exited).toBe(1);
  expect(await inFlight).toBe("broken");
});
