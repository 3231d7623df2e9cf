import { type WorkerStatus, workerStatusSchema } from "@pyworker/core";
import { z } from "zod";

/** What a launcher reports while it has no worker: why, and nothing of load. Its URL is empty where it knows none. */
const failedLaunchSchema = z.strictObject({
  ...workerStatusSchema.pick({ id: true, mtoken: true, version: true, url: true }).shape,
  error_msg: z.string().min(1),
});

/** The report of a launcher as a worker would make it; undefined where it is none. */
export function readFailedLaunch(body: unknown): WorkerStatus | undefined {
  const { data } = failedLaunchSchema.safeParse(body);
  return (
    data && {
      ...data,
      loadtime: 0,
      cur_load: 0,
      new_load: 0,
      cur_perf: 0,
      rej_load: 0,
      max_perf: 0,
      cur_capacity: 0,
      max_capacity: 0,
      num_requests_working: 0,
      num_requests_recieved: 0,
      working_request_idxs: [],
      additional_disk_usage: 0,
      disk_usage: 0,
    }
  );
}
