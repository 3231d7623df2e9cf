import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { cancel, generateLater, resultOf } from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

/** An item of ComfyUI's queue: number, id, workflow and more. */
type QueueItem = [number: number, promptId: string, workflow: Workflow, ...more: unknown[]];

interface HistoryEntry {
  prompt: QueueItem;
  status: { status_str: string; messages: [event: string, data: object][] };
}

interface Queue {
  queue_running: QueueItem[];
  queue_pending: QueueItem[];
}

interface SentJob {
  id: string;
  workflow: Workflow;
}

const indexes = Array.from({ length: 10 }, (_, index) => index);
const middle = 4;

// Whether by the stand-in or a real one: the proof is what ComfyUI itself says of its queue and its history.
describe("ComfyUI itself knows of ten jobs", () => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    // The first job shall still run when nine others are sent, one is cancelled and ComfyUI is asked of its queue.
    under = await startComfyuiWorker({ mode: "direct", comfyui: { msPerStep: 30 } });
  });
  afterAll(() => under.stop());

  const ask = async <Body>(path: string): Promise<Body> => {
    const answer = await fetch(under.comfyuiUrl + path);
    return (await answer.json()) as Body;
  };
  /** The first takes long, the others don't. */
  const sendTen = async (): Promise<SentJob[]> => {
    const jobs: SentJob[] = [];
    for (const index of indexes) {
      const sent = workflow(index === 0 ? "slow" : "image");
      jobs.push({ id: await generateLater(under.worker, sent), workflow: sent });
    }
    const [first] = jobs;
    await until(async () => (await numbersOf("queue_running", jobs)).length === 1, {
      timeoutMs: 30_000,
      what: () => `ComfyUI to run ${first?.id}`,
    });
    return jobs;
  };
  /** Which of the jobs are in a part of ComfyUI's queue. */
  const numbersOf = async (part: keyof Queue, jobs: SentJob[]): Promise<number[]> => {
    const queue = await ask<Queue>("/queue");
    return queue[part].map(([, , found]) => indexOf(found, jobs)).filter((index) => index !== -1);
  };
  /** What the history says of the jobs, in the order in which they ran. */
  const historyOf = async (jobs: SentJob[]): Promise<string[]> => {
    const history = await ask<Record<string, HistoryEntry>>("/history?max_items=64");
    return Object.values(history)
      .map(({ prompt: [number, , found], status }) => ({ number, status, index: indexOf(found, jobs) }))
      .filter(({ index }) => index !== -1)
      .sort((one, other) => one.number - other.number)
      .map(({ index, status }) => `${index} ${outcomeOf(status)}`);
  };
  const allOver = (jobs: SentJob[]): Promise<boolean> =>
    until(
      async () => {
        const statuses = await Promise.all(jobs.map(async ({ id }) => (await resultOf(under.worker, id)).body.status));
        return statuses.every((status) => status === "completed" || status === "cancelled");
      },
      { timeoutMs: 50_000 },
    );

  verifies(["comfyui/queue"], "one of them is cancelled while it waits: ComfyUI never hears of it", async () => {
    const jobs = await sendTen();
    const { id = "" } = jobs[middle] ?? {};
    expect(await (await cancel(under.worker, id)).json()).toMatchObject({ status: "cancelled" });
    expect(await numbersOf("queue_running", jobs)).toEqual([0]);
    expect(await numbersOf("queue_pending", jobs)).toEqual([]);
    await allOver(jobs);
    const others = indexes.filter((index) => index !== middle);
    expect(await historyOf(jobs)).toEqual(others.map((index) => `${index} success`));
  });

  verifies(
    ["comfyui/queue"],
    "the one that runs is cancelled: it is interrupted, and the others run in order",
    async () => {
      const jobs = await sendTen();
      const { id = "" } = jobs[0] ?? {};
      expect((await cancel(under.worker, id)).status).toBe(200);
      await allOver(jobs);
      const [, ...others] = indexes;
      expect(await historyOf(jobs)).toEqual(["0 interrupted", ...others.map((index) => `${index} success`)]);
      expect(await numbersOf("queue_running", jobs)).toEqual([]);
    },
  );
});

const indexOf = (found: Workflow, jobs: SentJob[]): number =>
  jobs.findIndex((job) => JSON.stringify(job.workflow["1"]?.inputs) === JSON.stringify(found["1"]?.inputs));

const outcomeOf = ({ messages, status_str }: HistoryEntry["status"]): string =>
  messages.some(([event]) => event === "execution_interrupted") ? "interrupted" : status_str;
