import type { WorkerStatus } from "@pyworker/core";

/** A report of an idle, ready worker, save for what is given. */
export const makeStatus = (fields: Partial<WorkerStatus> = {}): WorkerStatus => ({
  id: 1,
  mtoken: "",
  version: "1.1.0",
  loadtime: 0,
  cur_load: 0,
  new_load: 0,
  cur_perf: 0,
  rej_load: 0,
  max_perf: 100,
  cur_capacity: 0,
  max_capacity: 0,
  error_msg: "",
  num_requests_working: 0,
  num_requests_recieved: 0,
  working_request_idxs: [],
  additional_disk_usage: 0,
  disk_usage: 1,
  url: "http://127.0.0.1:4000",
  ...fields,
});
