import { z } from "zod";

const workload = z.number().nonnegative();
const unixSeconds = z.number().nonnegative();

/** The body of `POST {engine}/worker_status/`. Spelling as the engine reads it, mistakes included. */
export const workerStatusSchema = z.object({
  id: z.int().nonnegative(),
  mtoken: z.string(),
  version: z.string(),
  /** Seconds from start to ready; 0 once an engine has accepted it. */
  loadtime: z.number().nonnegative(),
  /** Workload in progress or waiting. */
  cur_load: workload,
  /** Workload received less cancelled since the last accepted report. */
  new_load: workload,
  /** Workload served since the last accepted report: a sum, not a rate. */
  cur_perf: workload,
  /** Workload rejected since the last accepted report. */
  rej_load: workload,
  /** Measured throughput, workload per second. */
  max_perf: workload,
  cur_capacity: z.number(),
  max_capacity: z.number(),
  error_msg: z.string(),
  num_requests_working: z.int().nonnegative(),
  num_requests_recieved: z.int().nonnegative(),
  working_request_idxs: z.array(z.number()),
  /** GiB; against the last accepted report. */
  additional_disk_usage: z.number(),
  /** GiB used on `/`. */
  disk_usage: z.number().nonnegative(),
  url: z.string(),
});

/** The body of `POST {engine}/delete_requests/`. */
export const deleteRequestsSchema = z.object({
  worker_id: z.int().nonnegative(),
  mtoken: z.string(),
  requests: z.array(
    z.object({
      request_idx: z.number(),
      success: z.boolean(),
      status: z.enum(["Success", "Error", "Cancelled", "Rejected"]),
      entered_queue_at: unixSeconds,
      work_started_at: unixSeconds,
      work_completed_at: unixSeconds,
    }),
  ),
});

export type WorkerStatus = z.infer<typeof workerStatusSchema>;
export type DeleteRequests = z.infer<typeof deleteRequestsSchema>;
