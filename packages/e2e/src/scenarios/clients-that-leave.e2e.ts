import { beforeAll, beforeEach, expect } from "@jest/globals";
import { startVllmServer, until, type VllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectRaw, rawPost } from "../harness/raw-connection.ts";
import { startObedient } from "../harness/start-obedient.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

// The target is 100 ms; a busy machine gets more, and three tries: what stalls it seldom stalls all of them.
const promptlyMilliseconds = 500;

const cleanUp = createCleanUps();
let vllm: VllmServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  vllm = await startVllmServer({ msPerToken: 5 });
  cleanUp(() => vllm.stop());
  worker = await startWorker({ modelUrl: vllm.url });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
});

beforeEach(() => vllm.faults.set({}));

/** The completions that the model was asked for. */
const completions = () => vllm.requests.filter(({ path }) => path === "/v1/completions");

interface Leaving {
  payload: Record<string, unknown>;
  /** What the client has read when it leaves, once the model has its request. */
  read: string;
}

/** Leaves three times, and expects the model to hear of it, and the worker to forget the request. */
async function expectStopped({ payload, read }: Leaving): Promise<void> {
  const delays: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const before = completions().length;
    const auth = worker.authData();
    const client = await connectRaw(worker.port);
    client.send(rawPost("/v1/completions", JSON.stringify({ auth_data: auth, session_id: null, payload })));
    const request = await until(() => completions()[before]);
    await until(() => client.received().includes(read));
    client.close();
    const leftAt = performance.now();
    const abortedAt = await until(() => request.abortedAt, { what: () => "the model to hear of it" });
    delays.push(abortedAt - leftAt);
    await expectForgotten(auth.request_idx);
  }
  expect(Math.min(...delays)).toBeLessThan(promptlyMilliseconds);
}

async function expectForgotten(requestIdx: number): Promise<void> {
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
  expect(await worker.metric("pyworker_load")).toBe(0);
  const deletion = await until(() => worker.engine.deletions.find(({ request_idx }) => request_idx === requestIdx));
  expect(deletion).toMatchObject({ status: "Cancelled", success: true });
}

verifies(["F3", "D20"], "stops the model when the client leaves before the first byte", async () => {
  vllm.faults.set({ stall: true });
  await expectStopped({ payload: { prompt: "hello", max_tokens: 8 }, read: "" });
});

verifies(["F3", "D21"], "stops the model when the client leaves mid-stream", async () => {
  await expectStopped({ payload: { prompt: "hello", max_tokens: 4000, stream: true }, read: "data: " });
});

verifies(["F3", "D21"], "stops a model that has nothing to say when the client leaves mid-stream", async () => {
  vllm.faults.set({ stallAfterChunks: 2 });
  await expectStopped({ payload: { prompt: "hello", max_tokens: 100, stream: true }, read: "data: " });
});

verifies(["F3"], "never sends a request whose client left in the middle of its body", async () => {
  const before = completions().length;
  const client = await connectRaw(worker.port);
  const whole = rawPost("/v1/completions", JSON.stringify({ auth_data: worker.authData(), payload: { prompt: "x" } }));
  client.send(whole.slice(0, -10));
  const gone = { code: "client_left" };
  const leftBefore = await worker.metric("pyworker_errors_total", gone);
  client.close();
  await until(async () => (await worker.metric("pyworker_errors_total", gone)) === leftBefore + 1);
  expect((await worker.send("/v1/completions", { prompt: "next", max_tokens: 1 })).status).toBe(200);
  expect(completions()).toHaveLength(before + 1);
});

verifies(["F3"], "forgets a client that left the queue, and gives another's slot to the one behind it", async () => {
  const { seen, worker: serial } = await startObedient(cleanUp);
  const inProgress = (count: number) =>
    until(async () => (await serial.metric("pyworker_requests_in_progress")) === count);
  const send = (route: string, payload: object) => {
    const leave = new AbortController();
    const answer = serial.send(route, payload, { signal: leave.signal }).then(
      ({ status }) => status,
      () => "left",
    );
    return { answer, leave: () => leave.abort() };
  };
  const delays: { forgotten: number; passedOn: number }[] = [];
  for (const round of [10, 20, 30]) {
    const before = seen.length;
    const first = send("/serial-a", { kind: "held", id: round + 1 });
    await until(() => seen.length === before + 1);
    const queued = send("/serial-b", { id: round + 2 });
    await inProgress(2);
    const next = send("/serial-a", { id: round + 3 });
    await inProgress(3);

    const queuedLeftAt = performance.now();
    queued.leave();
    await inProgress(2);
    const firstLeftAt = performance.now();
    first.leave();
    expect(await next.answer).toBe(200);
    delays.push({ forgotten: firstLeftAt - queuedLeftAt, passedOn: performance.now() - firstLeftAt });
    expect([await first.answer, await queued.answer]).toEqual(["left", "left"]);
    expect(seen.slice(before).map(({ id }) => id)).toEqual([round + 1, round + 3]);
    await inProgress(0);
  }
  expect(Math.min(...delays.map(({ forgotten }) => forgotten))).toBeLessThan(promptlyMilliseconds);
  expect(Math.min(...delays.map(({ passedOn }) => passedOn))).toBeLessThan(promptlyMilliseconds);
});
