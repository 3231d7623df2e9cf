import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import {
  answerOf,
  cancel,
  generateLater,
  inStatus,
  type JobEvent,
  resultOf,
  stream,
} from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { endless, standInSlow, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) {
    all.push(event);
  }
  return all;
}

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  verifies(["comfyui/stream"], "a stream begins while its job waits, and ends with what came of it", async () => {
    const { worker } = under;
    const first = await generateLater(worker, endless());
    await inStatus(worker, first, "generating");
    const events = stream(worker, workflow("image"), { request_id: `stream-${mode}` });
    const { value: queued } = await events.next();
    expect(queued).toMatchObject({
      request_id: `stream-${mode}`,
      status: "queued",
      queue_position: { position: 1, queue_size: 2 },
      timestamp: expect.any(Number),
    });
    expect((await resultOf(worker, first)).body.status).toBe("generating");
    await cancel(worker, first);
    const rest = await collect(events);
    const last = rest.at(-1);
    expect(last).toMatchObject({
      request_id: `stream-${mode}`,
      status: "final_result",
      http_status: 200,
      result: { id: `stream-${mode}`, status: "completed", output: [{ node_id: "2" }] },
    });
    expect(rest.filter(({ status }) => status === "final_result" || status === "queued")).toHaveLength(1);
    expect((await resultOf(worker, `stream-${mode}`)).body).toEqual(last?.result);
  });

  verifies(["comfyui/stream"], "a stream is one of server-sent events, which no proxy keeps back", async () => {
    const response = await under.worker.send("/generate/stream", { input: { workflow_json: workflow("image") } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    const text = await response.text();
    expect(text).toMatch(/^(data: \{.*\}\n\n|: .*\n\n)+$/);
  });

  verifies(["comfyui/progress"], "nodes are told of as they begin, each with its class", async () => {
    const events = await collect(stream(under.worker, workflow("slow")));
    const nodes = events.flatMap(({ node }) => (node === undefined ? [] : [`${node.id} ${node.class_type}`]));
    expect(nodes).toEqual([...new Set(nodes)]);
    if (mode === "direct") {
      expect(nodes[0]).toMatch(/^1 \w+$/);
      expect(nodes.at(-1)).toMatch(/ SaveImage$/);
    }
    expect(events.at(-1)).toMatchObject({ status: "final_result", http_status: 200 });
  });

  verifies(["comfyui/stream"], "a job that fails ends its stream as one that succeeds does", async () => {
    const failed = await collect(stream(under.worker, workflow("failing")));
    expect(failed.at(-1)).toMatchObject({ status: "final_result", http_status: 500, result: { status: "failed" } });
    const invalid = await collect(stream(under.worker, workflow("invalid")));
    expect(invalid[0]).toMatchObject({ status: "queued" });
    expect(invalid.at(-1)).toMatchObject({
      status: "final_result",
      http_status: 400,
      result: { status: "failed" },
    });
  });

  verifies(["comfyui/stream"], "a job that is cancelled by its id ends its stream", async () => {
    const { worker } = under;
    const events = collect(stream(worker, endless(), { request_id: `cancelled-${mode}` }));
    await until(async () => (await resultOf(worker, `cancelled-${mode}`)).body.status === "generating");
    await cancel(worker, `cancelled-${mode}`);
    expect((await events).at(-1)).toMatchObject({
      status: "final_result",
      http_status: 499,
      result: { status: "cancelled" },
    });
  });

  verifies(["comfyui/stream-leave"], "a client that leaves cancels its job, and its job alone", async () => {
    const { worker } = under;
    const leaving = new AbortController();
    const id = `left-stream-${mode}`;
    const left = collect(stream(worker, endless(), { request_id: id }, { signal: leaving.signal }));
    const broken = left.then(
      () => "whole",
      () => "broken",
    );
    await until(async () => (await resultOf(worker, id)).body.status === "generating");
    const other = collect(stream(worker, workflow("image")));
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 2);
    leaving.abort();
    expect(await broken).toBe("broken");
    expect((await other).at(-1)).toMatchObject({ status: "final_result", http_status: 200 });
    expect(await resultOf(worker, id)).toMatchObject({ status: 499, body: { status: "cancelled" } });
  });

  verifies(["comfyui/stream"], "what is refused begins no stream", async () => {
    const refused = await under.worker.send("/generate/stream", { input: {} });
    expect([refused.status, refused.headers.get("content-type")]).toEqual([422, "application/json"]);
    expect((await answerOf(refused)).status).toBe(422);
  });
});

describe.each(["direct", "wrapper"] as const)("with nodes that count their steps, in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode, standInOnly: true });
  });
  afterAll(() => under.stop());

  verifies(
    ["comfyui/progress"],
    "steps come with a percentage that never goes back, and with what remains",
    async () => {
      const events = await collect(stream(under.worker, standInSlow({ steps: 100 })));
      const steps = events.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
      expect(steps.length).toBeGreaterThan(10);
      const percentages = steps.map(({ percentage }) => percentage);
      expect(percentages).toEqual([...percentages].sort((one, other) => one - other));
      expect(percentages.at(0)).toBeLessThan(50);
      // What is saved afterwards counts too.
      expect(percentages.at(-1)).toBeGreaterThan(40);
      expect(percentages.at(-1)).toBeLessThanOrEqual(100);
      expect(steps.every(({ node_id }) => node_id === "1")).toBe(true);
      expect(steps.at(-1)).toMatchObject({ value: expect.any(Number), max: 100 });
      const remaining = steps.flatMap(({ remaining_seconds: seconds }) => (seconds === undefined ? [] : [seconds]));
      // The API wrapper says nothing of time.
      if (mode === "direct") {
        expect(remaining.length).toBeGreaterThan(steps.length / 2);
        expect(Math.min(...remaining)).toBeGreaterThanOrEqual(0);
        expect(remaining.at(-1)).toBeLessThan(remaining[0] ?? 0);
      }
      const nodes = events.flatMap(({ node }) => (node === undefined ? [] : [node.id]));
      // The API wrapper looks now and then, and may miss that a node begins.
      expect(["1", "2"]).toEqual(expect.arrayContaining(nodes));
      if (mode === "direct") {
        expect(nodes).toEqual(["1", "2"]);
      }
    },
  );

  verifies(["comfyui/load"], "the load that the engine is told of falls with the steps", async () => {
    const { worker } = under;
    const before = worker.engine.statuses.length;
    await collect(stream(worker, standInSlow({ steps: 400 })));
    const between = await until(() => {
      const loads = worker.engine.statuses.slice(before).map(({ cur_load }) => Number(cur_load));
      // A report of an idle worker may have been due before it began.
      const rise = loads.findIndex((load) => load > 0);
      const end = loads.indexOf(0, rise);
      return rise !== -1 && end !== -1 && loads.slice(rise, end);
    });
    expect(between).toEqual([...between].sort((one, other) => other - one));
    expect(new Set(between).size).toBeGreaterThan(1);
  });
});

verifies(
  ["comfyui/previews"],
  "pictures of what is being made come where they are asked for, and not else",
  async () => {
    const under = await startComfyuiWorker({ mode: "direct", standInOnly: true });
    cleanUp(() => under.stop());
    const previewsOf = async (more: object): Promise<NonNullable<JobEvent["preview"]>[]> => {
      const events = await collect(stream(under.worker, standInSlow({ steps: 10 }), { ...more }));
      return events.flatMap(({ preview }) => (preview === undefined ? [] : [preview]));
    };
    const previews = await previewsOf({ previews: true });
    expect(previews.length).toBeGreaterThan(0);
    for (const { data, mimetype } of previews) {
      expect([mimetype, Buffer.from(data, "base64").subarray(0, 2).toString("hex")]).toEqual(["image/jpeg", "ffd8"]);
    }
    expect(await previewsOf({})).toEqual([]);
  },
);
