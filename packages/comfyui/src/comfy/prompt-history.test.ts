import { expect, test } from "@jest/globals";
import { cachedNodesOf, faultOf, type HistoryEntry, readHistory } from "./prompt-history.ts";

function entryOf(status: unknown): HistoryEntry {
  const entry = readHistory({ p: { outputs: {}, status } }, "p");
  if (entry === undefined) {
    throw new Error("no entry");
  }
  return entry;
}

const failed = (exception_type: string, exception_message: string) =>
  faultOf(
    entryOf({
      status_str: "error",
      completed: false,
      messages: [
        ["execution_start", { prompt_id: "p" }],
        ["execution_error", { node_id: "3", node_type: "KSampler", exception_type, exception_message, traceback: [] }],
      ],
    }),
  );

test("knows no entry where the history has none", () => {
  expect(readHistory({}, "p")).toBeUndefined();
  expect(readHistory(undefined, "p")).toBeUndefined();
});

test("finds no fault in what succeeded, whatever a blocked branch has said", () => {
  const blocked = {
    node_id: "9",
    exception_type: "ExecutionBlocked",
    exception_message: "Execution Blocked: no image",
  };
  const messages = [["execution_error", blocked]];
  expect(faultOf(entryOf({ status_str: "success", completed: true, messages }))).toBeUndefined();
});

test("finds the error in what ComfyUI calls a success: a cycle ends so", () => {
  const cycle = {
    node_id: "2",
    node_type: "SaveImage",
    exception_type: "graph.DependencyCycleError",
    exception_message: "Dependency cycle detected",
  };
  const messages = [
    ["execution_start", { prompt_id: "p" }],
    ["execution_error", cycle],
  ];
  expect(faultOf(entryOf({ status_str: "success", completed: true, messages }))).toMatchObject({
    type: "execution_error",
    message: "node 2 (SaveImage): Dependency cycle detected",
  });
});

test("finds no fault where an old ComfyUI gives no status", () => {
  expect(faultOf(entryOf(undefined))).toBeUndefined();
});

test("names the node that failed, its type and what it said", () => {
  expect(failed("ValueError", "bad shape\n")).toEqual({
    type: "execution_error",
    message: "node 3 (KSampler): bad shape",
    node_id: "3",
    node_type: "KSampler",
    exception_type: "ValueError",
  });
});

test.each([
  ["torch.OutOfMemoryError", "Allocation on device "],
  ["torch.cuda.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB"],
  ["RuntimeError", "CUDA error: out of memory"],
  ["RuntimeError", "[enforce fail] failed to allocate 8 bytes"],
])("takes %s, %s for a lack of memory", (type, message) => {
  expect(failed(type, message)?.type).toBe("out_of_memory");
});

test.each([
  "CUDA error: an illegal memory access was encountered",
  "CUDA error: unspecified launch failure",
  "CUDA error: device-side assert triggered",
  "Triton Error [CUDA]: invalid argument",
])("takes %s for a GPU that is of no use any more", (message) => {
  expect(failed("RuntimeError", message)?.type).toBe("gpu_failed");
});

test("tells an interruption from an error", () => {
  const messages = [["execution_interrupted", { prompt_id: "p", node_id: "3", node_type: "KSampler", executed: [] }]];
  expect(faultOf(entryOf({ status_str: "error", completed: false, messages }))?.type).toBe("interrupted");
});

test("says so where ComfyUI gives no reason", () => {
  expect(faultOf(entryOf({ status_str: "error", messages: [] }))?.type).toBe("execution_error");
});

test("lists the nodes from the cache", () => {
  const messages = [["execution_cached", { nodes: ["1", "2"], prompt_id: "p" }]];
  expect(cachedNodesOf(entryOf({ status_str: "success", messages }))).toEqual(["1", "2"]);
  expect(cachedNodesOf(entryOf({ status_str: "success", messages: [] }))).toEqual([]);
});
