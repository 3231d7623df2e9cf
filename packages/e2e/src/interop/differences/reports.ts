import type { DeliberateDifference } from "./deliberate-difference.ts";
import { everywhere, fields } from "./sighting.ts";

export const reports: readonly DeliberateDifference[] = [
  {
    id: "errors-are-not-served",
    reference: "reports a model's 4xx and 5xx as `Success`, and their workload as served",
    ours: "reports `Error`, and nothing as served",
    why: "A broken model would look like a fast one.",
    requirements: ["queue/outcomes", "D19"],
    seen: ["report: the model refuses a request", "report: the model fails"].flatMap((name) =>
      fields(
        name,
        ["cur_perf", 10, 0],
        ["deleted: status", ["Success"], ["Error"]],
        ["deleted: success", [true], [false]],
      ),
    ),
  },
  {
    id: "every-end-has-a-time",
    reference: "reports 0 as the time at which a cancelled or rejected request ended",
    ours: "reports the time",
    why: "Every request ends some time, and an end before the beginning spoils any average.",
    requirements: ["report/deletes", "D20"],
    seen: [
      ...everywhere(
        ["report: the client leaves before the answer", "report: a request is in progress when a report is due"],
        ["deleted: completed", [false], [true]],
      ),
      ...everywhere(
        [
          "report: the expected wait is too long",
          "report: two requests with one reqnum are in progress when a report is due",
          "report: a request waits for another one's end when a report is due",
        ],
        ["deleted: completed", [false, false], [true, true]],
      ),
      ...fields("report: there are as many sessions as there may be", [
        "deleted: completed",
        [true, true, true, false],
        [true, true, true, true],
      ]),
    ],
  },
  {
    id: "refused-sessions-never-started",
    reference: "reports a start time for a session that it refused",
    ours: "reports 0",
    why: "What was refused never started.",
    requirements: ["report/deletes"],
    seen: fields("report: there are as many sessions as there may be", [
      "deleted: started",
      [true, true, true, true],
      [true, true, true, false],
    ]),
  },
  {
    id: "one-reqnum-twice",
    reference: "counts two requests with one `reqnum` as one while they are in progress",
    ours: "counts both",
    why: "Both are load. A client that repeats a request while the first one still runs brings this about.",
    requirements: ["report/load", "D41"],
    seen: fields(
      "report: two requests with one reqnum are in progress when a report is due",
      ["meanwhile: cur_load", 10, 20],
      ["meanwhile: num_requests_working", 1, 2],
      ["meanwhile: working_request_idxs", 1, 2],
    ),
  },
  {
    id: "loadtime-once",
    reference: "repeats `loadtime` in every report",
    ours: "sends it until one report with it was accepted",
    why: "A worker loads once; that is what the reference means to do.",
    requirements: ["ready/loadtime", "D38"],
    seen: fields("report: a worker reports that it is ready", ["status: loadtime again", true, false]),
  },
];
