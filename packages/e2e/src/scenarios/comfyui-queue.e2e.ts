import { afterEach, describe, expect } from "@jest/globals";
import { type ComfyuiJob, until } from "@pyworker/testing";
import { cancel, resultOf } from "../harness/comfyui/job-client.ts";
import {
  type ComfyuiUnderTest,
  type ComfyuiWorkerSettings,
  startComfyuiWorker,
} from "../harness/comfyui/start-comfyui-worker.ts";
import { standInSlow } from "../harness/comfyui/workflows.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const count = 10;
const indexes = Array.from({ length: count }, (_, index) => index);
const middle = 4;

let under: ComfyuiUnderTest | undefined;

afterEach(async () => {
  await under?.stop();
  under = undefined;
});

async function start(settings: Pick<ComfyuiWorkerSettings, "mode" | "comfyui">): Promise<ComfyuiUnderTest> {
  under = await startComfyuiWorker({ ...settings, standInOnly: true });
  return under;
}

type Way = "/generate" | "/generate/sync" | "/generate/stream";

/** Ten jobs, in a queue. */
interface Queued {
  idOf(index: number): string;
  /** What the engine knows a job by. */
  requestIndexOf(index: number): unknown;
  /** Aborts the connection of a job's client. */
  leaver(index: number): AbortController;
}

/** Sends ten jobs one after another, each once the one before it is under way. The first runs for long, the others are short. */
async function queueTen(worker: WorkerUnderTest, way: Way, firstSteps = 300): Promise<Queued> {
  const clients = indexes.map((index) => ({
    auth: worker.authData(),
    id: `job-${index}`,
    leaving: new AbortController(),
  }));
  for (const [index, { auth, id, leaving }] of clients.entries()) {
    const workflow = standInSlow({ seed: index, steps: index === 0 ? firstSteps : 10 });
    const input = { workflow_json: workflow, request_id: id };
    const sent = worker.send(way, { input }, { auth, signal: leaving.signal });
    // A client that leaves sees no answer.
    sent.then((response) => response.text()).catch(() => "left");
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === index + 1, {
      what: () => `job ${index} to be under way`,
    });
  }
  return {
    idOf: (index) => `job-${index}`,
    requestIndexOf: (index) => clients[index]?.auth.request_idx,
    leaver: (index) => clients[index]?.leaving ?? new AbortController(),
  };
}

const running = ({ comfyui }: ComfyuiUnderTest): Promise<boolean> =>
  until(() => comfyui.jobs[0]?.state === "running", { what: () => "the first job to run" });

/** Waits until no job is under way, neither here nor in ComfyUI. */
async function allOver({ comfyui, worker }: ComfyuiUnderTest): Promise<void> {
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0, { timeoutMs: 30_000 });
  await until(() => comfyui.jobs.every(({ state }) => state !== "pending" && state !== "running"));
}

/** The stand-in's own record: which jobs came to it in which order, and what became of them. */
const record = ({ comfyui }: ComfyuiUnderTest): string[] =>
  comfyui.jobs.map(({ state, workflow }) => `${seedOf(workflow)} ${state}`);

const seedOf = (workflow: ComfyuiJob["workflow"]): unknown => {
  const node = workflow["1"];
  return typeof node === "object" && node !== null && "inputs" in node ? Object(node.inputs).seed : undefined;
};

const statusesOf = (worker: WorkerUnderTest, { idOf }: Queued): Promise<number[]> =>
  Promise.all(indexes.map(async (index) => (await resultOf(worker, idOf(index))).status));

/** What the engine has been told of each job, once it has been told of all. */
async function engineKnows(worker: WorkerUnderTest, { requestIndexOf }: Queued): Promise<unknown[]> {
  const { engine } = worker;
  const deletionOf = (index: number) =>
    engine.deletions.find(({ request_idx }) => request_idx === requestIndexOf(index));
  await until(() => indexes.every((index) => deletionOf(index) !== undefined));
  await until(() => engine.statuses.at(-1)?.cur_load === 0);
  return indexes.map((index) => deletionOf(index)?.status);
}

const each = <Value>(usual: Value, odd: number, other: Value): Value[] =>
  indexes.map((index) => (index === odd ? other : usual));

const without = (odd: number): string[] => indexes.filter((index) => index !== odd).map((index) => `${index} success`);

describe.each(["direct", "wrapper"] as const)("of ten jobs in a queue, in %s mode", (mode) => {
  verifies(["comfyui/queue"], "cancelling one in the middle by its id removes that one alone", async () => {
    const here = await start({ mode });
    const jobs = await queueTen(here.worker, "/generate");
    await running(here);
    expect((await cancel(here.worker, jobs.idOf(middle))).status).toBe(200);
    expect(record(here)).toEqual(["0 running"]);
    await allOver(here);
    expect(record(here)).toEqual(without(middle));
    expect(await statusesOf(here.worker, jobs)).toEqual(each(200, middle, 499));
    expect(await engineKnows(here.worker, jobs)).toEqual(each("Success", middle, "Cancelled"));
  });

  for (const way of ["/generate/sync", "/generate/stream"] as const) {
    verifies(["comfyui/queue"], `one in the middle whose client leaves ${way} is removed alone`, async () => {
      const here = await start({ mode });
      const jobs = await queueTen(here.worker, way);
      await running(here);
      jobs.leaver(middle).abort();
      await until(async () => (await here.worker.metric("pyworker_requests_in_progress")) === count - 1);
      expect(record(here)).toEqual(["0 running"]);
      await allOver(here);
      expect(record(here)).toEqual(without(middle));
      expect(await statusesOf(here.worker, jobs)).toEqual(each(200, middle, 499));
      expect(await engineKnows(here.worker, jobs)).toEqual(each("Success", middle, "Cancelled"));
    });
  }

  for (const fault of ["none", "legacyInterrupt"] as const) {
    verifies(
      ["comfyui/queue"],
      `cancelling the one that runs interrupts that one alone (fault: ${fault})`,
      async () => {
        const here = await start({ mode, comfyui: { faults: fault === "none" ? {} : { [fault]: true } } });
        const jobs = await queueTen(here.worker, "/generate");
        await running(here);
        expect((await cancel(here.worker, jobs.idOf(0))).status).toBe(200);
        await allOver(here);
        expect(record(here)).toEqual(["0 interrupted", ...without(0)]);
        expect(await statusesOf(here.worker, jobs)).toEqual(each(200, 0, 499));
        expect(await engineKnows(here.worker, jobs)).toEqual(each("Success", 0, "Cancelled"));
      },
    );

    verifies(
      ["comfyui/queue"],
      `one that runs whose client leaves is interrupted alone (fault: ${fault})`,
      async () => {
        const here = await start({ mode, comfyui: { faults: fault === "none" ? {} : { [fault]: true } } });
        const jobs = await queueTen(here.worker, "/generate/stream");
        await running(here);
        jobs.leaver(0).abort();
        await allOver(here);
        expect(record(here)).toEqual(["0 interrupted", ...without(0)]);
        expect(await statusesOf(here.worker, jobs)).toEqual(each(200, 0, 499));
        expect(await engineKnows(here.worker, jobs)).toEqual(each("Success", 0, "Cancelled"));
      },
    );
  }

  verifies(["comfyui/queue"], "a node that heeds no interrupt delays the others, and harms none", async () => {
    const here = await start({ mode, comfyui: { faults: { deafToInterrupt: true } } });
    // Longer than /cancel waits.
    const jobs = await queueTen(here.worker, "/generate", 700);
    await running(here);
    expect(await (await cancel(here.worker, jobs.idOf(0))).json()).toEqual(
      mode === "direct"
        ? { message: "Job job-0 is being cancelled", status: "generating" }
        : { message: "Job job-0 is cancelled", status: "cancelled" },
    );
    await allOver(here);
    // Nothing could stop it, and nobody is told of what it has made.
    expect(record(here)).toEqual(["0 success", ...without(0)]);
    expect(await statusesOf(here.worker, jobs)).toEqual(each(200, 0, 499));
    expect(await engineKnows(here.worker, jobs)).toEqual(each("Success", 0, "Cancelled"));
  });
});
