import { expect, test } from "@jest/globals";
import { Job } from "./job.ts";
import { JobError } from "./job-error.ts";
import type { JobProgress } from "./progress.ts";
import type { Result } from "./result.ts";

/** A job that begins at 1000 ms, and all that its listener hears. */
function begin() {
  const clock = { time: 1000 };
  const heard: [Result, JobProgress | undefined][] = [];
  const job = new Job("a", { now: () => clock.time, listener: (result, progress) => heard.push([result, progress]) });
  return { clock, heard, job };
}

test("begins as the API wrapper's jobs do", () => {
  const { heard, job } = begin();
  expect(job.result).toEqual({
    id: "a",
    message: "Request accepted",
    status: "pending",
    comfyui_response: {},
    output: [],
    timings: { queued_at_ms: 1000 },
  });
  expect(heard).toEqual([]);
});

test("tells of each change, and keeps the times of all", () => {
  const { clock, heard, job } = begin();
  job.advance("processing", "Preparing inputs");
  clock.time += 250;
  job.advance("pending", "Queued", { preprocess_ms: job.elapsed() });
  expect(heard.map(([{ message, status }]) => [status, message])).toEqual([
    ["processing", "Preparing inputs"],
    ["pending", "Queued"],
  ]);
  expect(job.result.timings).toEqual({ queued_at_ms: 1000, preprocess_ms: 250 });
});

test.each<[JobProgress, message: string]>([
  [{ kind: "started", promptId: "p" }, "Generation started (ComfyUI job: p)"],
  [{ kind: "node", nodeId: "7", classType: "KSampler", done: 1, total: 2 }, "Processing node: 7"],
  [{ kind: "step", nodeId: "7", value: 3, max: 20, percentage: 15 }, "Progress: 15% (3/20)"],
  [{ kind: "preview", mimetype: "image/png", data: Buffer.of(1) }, "Request accepted"],
])("says what %j means in the API wrapper's words", (progress, message) => {
  const { heard, job } = begin();
  job.progress(progress);
  expect(heard).toEqual([[expect.objectContaining({ status: "generating", message }), progress]]);
});

test("a change leaves results that were handed out as they are", () => {
  const { job } = begin();
  const before = job.result;
  job.advance("generating", "Later");
  expect(before).toMatchObject({ status: "pending", message: "Request accepted" });
});

test("ends with its outcome", async () => {
  const { job } = begin();
  let hasEnded = false;
  const ended = job.ended.then(() => {
    hasEnded = true;
  });
  expect([job.outcome, hasEnded]).toEqual([undefined, false]);
  const outcome = { status: 200, result: { ...job.result, status: "completed" as const } };
  expect(job.end(outcome)).toBe(outcome);
  await ended;
  expect([job.outcome, job.result.status, hasEnded]).toEqual([outcome, "completed", true]);
});

test("is cancelled by whoever asks, and says so", () => {
  const { job } = begin();
  expect(job.cancelled.aborted).toBe(false);
  job.cancel();
  expect(job.cancelled.aborted).toBe(true);
  expect(job.cancelled.reason).toBeInstanceOf(JobError);
  expect(job.cancelled.reason).toMatchObject({ status: 499, fault: { type: "cancelled" } });
});
