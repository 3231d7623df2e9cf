import { expect, test } from "@jest/globals";
import { Job } from "../jobs/job.ts";
import { followLoad } from "./follow-load.ts";

test("books what is still to come, step by step, and nothing for what tells of no steps", () => {
  const booked: number[] = [];
  const listener = followLoad(200, { remaining: (workload) => booked.push(workload) });
  const job = new Job("a", { now: () => 0, listener });
  job.advance("processing", "Preparing inputs");
  job.progress({ kind: "started", promptId: "b" });
  job.progress({ kind: "node", nodeId: "1", classType: "KSampler", done: 0, total: 1 });
  expect(booked).toEqual([]);
  for (const percentage of [0, 25, 100]) {
    job.progress({ kind: "step", nodeId: "1", value: percentage, max: 100, percentage });
  }
  expect(booked).toEqual([200, 150, 0]);
});

test("books nothing any more while what was made is delivered", () => {
  const booked: number[] = [];
  const listener = followLoad(200, { remaining: (workload) => booked.push(workload) });
  new Job("a", { now: () => 0, listener }).advance("generated", "Generation complete.");
  expect(booked).toEqual([0]);
});
