import { z } from "zod";

const amount = z.number().nonnegative();
const count = z.int().nonnegative();
const unixSeconds = z.number().min(1e9).max(1e11);

/** The contract in its own words, strict both ways: no field more and none less. */
export const statusSchema = z.strictObject({
  id: z.literal(42),
  mtoken: z.literal("master-token"),
  version: z.literal("1.1.0"),
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  loadtime: amount,
  cur_load: amount,
  new_load: amount,
  cur_perf: amount,
  rej_load: amount,
  max_perf: amount,
  cur_capacity: z.literal(0),
  max_capacity: z.literal(0),
  error_msg: z.string(),
  num_requests_working: count,
  num_requests_recieved: count,
  working_request_idxs: z.array(z.int()),
  additional_disk_usage: z.number(),
  disk_usage: amount,
});

/** One of the requests that a deletion tells of. */
export const deletionSchema = z.strictObject({
  request_idx: z.int(),
  success: z.boolean(),
  status: z.enum(["Success", "Error", "Cancelled", "Rejected"]),
  entered_queue_at: unixSeconds,
  work_started_at: z.union([unixSeconds, z.literal(0)]),
  work_completed_at: unixSeconds,
});
