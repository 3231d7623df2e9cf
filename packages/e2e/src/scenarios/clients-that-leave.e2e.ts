import { beforeAll, beforeEach, expect } from "@jest/globals";
import { startVllmServer, until, type VllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectRaw, rawPost } from "../harness/raw-connection.ts";
import { startObedient } from "../harness/start-obedient.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

// The target is 100 ms; a busy machine gets more.
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

/** Sends a completion over a connection of its own, which the client can then cut. */
async function sendRaw(payload: Record<string, unknown>) {
  const auth = worker.authData();
  const client = await connectRaw(worker.port);
  client.send(rawPost("/v1/completions", JSON.stringify({ auth_data: auth, session_id: null, payload })));
  return { client, requestIdx: auth.request_idx };
}

/** How long it took the model to hear that its client has left. */
async function millisecondsToAbort(leftAt: number): Promise<number> {
  const request = await until(() => vllm.requests.at(-1)?.abortedAt !== undefined && vllm.requests.at(-1), {
    what: () => "the model to hear of it",
  });
  return Number(request.abortedAt) - leftAt;
}

async function expectForgotten(requestIdx: number): Promise<void> {
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
  expect(await worker.metric("pyworker_load")).toBe(0);
  const deletion = await until(() => worker.engine.deletions.find(({ request_idx }) => request_idx === requestIdx));
  expect(deletion).toMatchObject({ status: "Cancelled", success: true });
}

verifies(["F3", "D20"], "stops the model when the client leaves before the first byte", async () => {
  vllm.faults.set({ stall: true });
  const before = vllm.requests.length;
  const { client, requestIdx } = await sendRaw({ prompt: "hello", max_tokens: 8 });
  await until(() => vllm.requests.length === before + 1);
  client.close();
  expect(await millisecondsToAbort(performance.now())).toBeLessThan(promptlyMilliseconds);
  await expectForgotten(requestIdx);
});

verifies(["F3", "D21"], "stops the model when the client leaves mid-stream", async () => {
  const { client, requestIdx } = await sendRaw({ prompt: "hello", max_tokens: 4000, stream: true });
  await until(() => client.received().includes("data: "));
  client.close();
  expect(await millisecondsToAbort(performance.now())).toBeLessThan(promptlyMilliseconds);
  await expectForgotten(requestIdx);
});

verifies(["F3", "D21"], "stops a model that has nothing to say when the client leaves mid-stream", async () => {
  vllm.faults.set({ stallAfterChunks: 2 });
  const { client, requestIdx } = await sendRaw({ prompt: "hello", max_tokens: 100, stream: true });
  await until(() => client.received().includes("data: "));
  client.close();
  expect(await millisecondsToAbort(performance.now())).toBeLessThan(promptlyMilliseconds);
  await expectForgotten(requestIdx);
});

verifies(["F3"], "never sends a request whose client left in the middle of its body", async () => {
  const before = vllm.requests.length;
  const client = await connectRaw(worker.port);
  const whole = rawPost("/v1/completions", JSON.stringify({ auth_data: worker.authData(), payload: { prompt: "x" } }));
  client.send(whole.slice(0, -10));
  const gone = { code: "client_left" };
  const leftBefore = await worker.metric("pyworker_errors_total", gone);
  client.close();
  await until(async () => (await worker.metric("pyworker_errors_total", gone)) === leftBefore + 1);
  expect((await worker.send("/v1/completions", { prompt: "next", max_tokens: 1 })).status).toBe(200);
  expect(vllm.requests).toHaveLength(before + 1);
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
  const first = send("/serial-a", { kind: "held", id: 1 });
  await until(() => seen.length === 1);
  const queued = send("/serial-b", { id: 2 });
  await inProgress(2);
  const next = send("/serial-a", { id: 3 });
  await inProgress(3);

  let leftAt = performance.now();
  queued.leave();
  await inProgress(2);
  expect(performance.now() - leftAt).toBeLessThan(promptlyMilliseconds);
  leftAt = performance.now();
  first.leave();
  expect(await next.answer).toBe(200);
  expect(performance.now() - leftAt).toBeLessThan(promptlyMilliseconds);
  expect([await first.answer, await queued.answer]).toEqual(["left", "left"]);
  expect(seen.map(({ id }) => id)).toEqual([1, 3]);
});
