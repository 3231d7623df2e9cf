import { beforeEach, describe, expect, test } from "@jest/globals";
import { Contract, type Violation } from "./contract.ts";
import { makeStatus } from "./make-status.test.fixture.ts";

let now: number;
let violations: Violation[];
let contract: Contract;
let end: "known" | "unknown" | "again";

beforeEach(() => {
  now = 1000;
  violations = [];
  end = "known";
  contract = new Contract({
    now: () => now,
    end: () => end,
    onViolation: (violation) => violations.push(violation),
  });
});

const rules = () => violations.map(({ rule }) => rule);

describe("a status", () => {
  test.each([
    ["version is one of 1.1.0", { version: "9" }],
    ["url is an http or https URL", { url: "127.0.0.1:4000" }],
    ["url is an http or https URL", { url: "file:///etc" }],
    ["num_requests_working counts working_request_idxs", { num_requests_working: 2, working_request_idxs: [1] }],
    ["cur_load is 0 while num_requests_working is 0", { cur_load: 5 }],
    ["max_perf is 0 while error_msg is set", { error_msg: "out of memory" }],
  ])("must hold: %s", (rule, fields) => {
    expect(contract.readStatus(makeStatus(fields)).ok).toBe(true);
    expect(rules()).toEqual([rule]);
  });

  test.each(["new_load", "cur_perf", "rej_load", "max_perf", "cur_load"])(
    "is refused where %s isn't 0 or more",
    (field) => {
      for (const value of [-1, Number.POSITIVE_INFINITY, Number.NaN, "5", null]) {
        const read = contract.readStatus({ ...makeStatus(), [field]: value });
        expect(read).toMatchObject({ ok: false, problem: expect.stringContaining(field) });
      }
      expect(violations).toHaveLength(5);
      expect(violations[0]).toMatchObject({ workerId: 1, rule: "worker_status has the fields of the contract" });
    },
  );

  test("may be a launcher's, which says why there is no worker, and no more", () => {
    const failed = { id: 1, mtoken: "", version: "1.1.0", error_msg: "clone failed", url: "" };
    contract.readStatus(makeStatus({ loadtime: 5 }));
    now += 60;
    expect(contract.readStatus(failed)).toMatchObject({ ok: true, report: { ...failed, max_perf: 0 } });
    now += 60;
    contract.readStatus(makeStatus({ loadtime: 7 }));
    expect(rules()).toEqual([]);
    expect(contract.readStatus({ ...failed, error_msg: "" }).ok).toBe(false);
    expect(contract.readStatus({ ...failed, cur_load: 0 }).ok).toBe(false);
  });

  test("must not carry a load time again once one was accepted", () => {
    contract.readStatus(makeStatus({ loadtime: 5 }));
    contract.readStatus(makeStatus());
    expect(rules()).toEqual([]);
    contract.readStatus(makeStatus({ loadtime: 6 }));
    expect(rules()).toEqual(["loadtime is sent until accepted, then 0"]);
  });

  test("may carry a load time again after the worker has started again", () => {
    contract.readStatus(makeStatus({ loadtime: 5 }));
    contract.readStatus(makeStatus({ max_perf: 0 }));
    contract.readStatus(makeStatus({ loadtime: 7 }));
    expect(rules()).toEqual([]);
  });

  test("must come within 15 s of the one before, unless the worker has started again", () => {
    contract.readStatus(makeStatus());
    now += 15;
    contract.readStatus(makeStatus());
    now += 600;
    contract.readStatus(makeStatus({ max_perf: 0 }));
    expect(rules()).toEqual([]);
    now += 15.5;
    contract.readStatus(makeStatus({ max_perf: 0 }));
    expect(violations).toEqual([
      { workerId: 1, rule: "reports come at least every 15 s", found: "15.5 s since the one before" },
    ]);
  });

  test("that stays wrong is said once, until it was right in between", () => {
    for (const version of ["9", "9", "1.1.0", "9"]) {
      contract.readStatus(makeStatus({ version }));
    }
    contract.readStatus(makeStatus({ id: 2, version: "9" }));
    expect(violations.map(({ workerId }) => workerId)).toEqual([1, 1, 2]);
  });
});

describe("an ended request", () => {
  const ended = {
    request_idx: 1001,
    success: true,
    status: "Success",
    entered_queue_at: 1,
    work_started_at: 2,
    work_completed_at: 3,
  };
  const report = (fields: object) =>
    contract.readDeletes({ worker_id: 1, mtoken: "", requests: [{ ...ended, ...fields }] }).ok;
  const startOrder = "entered_queue_at <= work_started_at <= work_completed_at, or it never started";

  test.each([
    ["success is true for Success and Cancelled", { success: false }],
    ["success is true for Success and Cancelled", { status: "Error" }],
    [startOrder, { work_started_at: 0.5 }],
    [startOrder, { work_started_at: 4 }],
    [startOrder, { work_started_at: 0 }],
  ])("must hold: %s", (rule, fields) => {
    expect(report(fields)).toBe(true);
    expect(rules()).toEqual([rule]);
  });

  test("may never have started, unless it succeeded", () => {
    report({ work_started_at: 0, status: "Cancelled" });
    report({ work_started_at: 0, status: "Rejected", success: false });
    report({ work_started_at: 0, status: "Error", success: false });
    expect(rules()).toEqual([]);
  });

  test("completes after it entered the queue", () => {
    report({ work_started_at: 0, work_completed_at: 0, status: "Cancelled" });
    expect(rules()).toEqual(["entered_queue_at <= work_completed_at"]);
  });

  test("has one of the four statuses", () => {
    expect(report({ status: "Started" })).toBe(false);
    expect(violations[0]).toMatchObject({ workerId: 1, rule: "delete_requests has the fields of the contract" });
  });

  test("must have been routed, and ends once", () => {
    end = "unknown";
    report({});
    end = "again";
    report({});
    expect(rules()).toEqual([
      "a deleted request was routed by this engine",
      "a request is deleted once for each time it was routed",
    ]);
  });
});
