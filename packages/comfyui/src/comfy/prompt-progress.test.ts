import { expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import type { JobProgress } from "../jobs/progress.ts";
import { createPromptProgress } from "./prompt-progress.ts";
import type { NodeProgress, SocketMessage } from "./socket-message.ts";

const workflow = {
  1: { class_type: "EmptyImage", inputs: {} },
  2: { class_type: "Group", inputs: {}, _meta: { title: "All of it" } },
  3: { class_type: "SaveImage", inputs: {} },
};

function reportsOf(messages: readonly SocketMessage[]) {
  const reports: JobProgress[] = [];
  const progress = createPromptProgress({
    workflow,
    clock: manualClock(),
    onProgress: (report) => reports.push(report),
  });
  messages.forEach(progress.take);
  return { reports, begun: progress.begun };
}

const promptId = "p";
const executing = (nodeId: string, displayId = nodeId): SocketMessage => ({
  type: "executing",
  promptId,
  nodeId,
  displayId,
});
const progress = (nodeId: string, value: number, max: number): SocketMessage => ({
  type: "progress",
  promptId,
  nodeId,
  value,
  max,
});
const states = (...nodes: Partial<NodeProgress>[]): SocketMessage => ({
  type: "progress_state",
  promptId,
  nodes: nodes.map((node) => ({
    nodeId: "1",
    displayId: node.nodeId ?? "1",
    value: 0,
    max: 1,
    state: "running",
    ...node,
  })),
});

test("tells of nodes and steps where an old ComfyUI tells of them once", () => {
  const { begun, reports } = reportsOf([
    { type: "cached", promptId, nodes: ["1"] },
    executing("2"),
    progress("2", 1, 2),
    progress("2", 2, 2),
    executing("3"),
  ]);
  expect(reports).toMatchObject([
    { kind: "node", nodeId: "2", title: "All of it", done: 1, total: 3 },
    { kind: "step", nodeId: "2", value: 1, max: 2 },
    { kind: "step", nodeId: "2", value: 2, max: 2 },
    { kind: "node", nodeId: "3", classType: "SaveImage", done: 2 },
  ]);
  expect(begun).toEqual(["2", "3"]);
});

test("tells of them once where a new one tells twice", () => {
  const { reports } = reportsOf([
    states({ nodeId: "1" }),
    executing("1"),
    states({ nodeId: "1", state: "finished", value: 1 }),
    states({ nodeId: "1", state: "finished", value: 1 }, { nodeId: "2" }),
    executing("2"),
    states({ nodeId: "2", value: 1, max: 2 }),
    progress("2", 1, 2),
  ]);
  expect(reports).toMatchObject([
    { kind: "node", nodeId: "1", done: 0 },
    { kind: "node", nodeId: "2", done: 1 },
    { kind: "step", nodeId: "2", value: 1 },
  ]);
});

test("tells of a node that expands into others by the name that the workflow has for it", () => {
  const { reports } = reportsOf([
    executing("2"),
    states({ nodeId: "2.0.1", displayId: "2", value: 0, max: 1 }),
    executing("2.0.1", "2"),
    states({ nodeId: "2.0.1", displayId: "2", value: 3, max: 4 }),
    progress("2.0.1", 3, 4),
  ]);
  expect(reports).toMatchObject([
    { kind: "node", nodeId: "2" },
    { kind: "step", nodeId: "2", value: 3, max: 4 },
  ]);
  expect(reports).toHaveLength(2);
});

test("puts a preview that doesn't say what it is of to the node that runs", () => {
  const data = Buffer.from("jpeg");
  const preview = { type: "preview", promptId: undefined, nodeId: undefined, mimetype: "image/jpeg", data } as const;
  expect(reportsOf([preview, executing("2"), preview]).reports).toEqual([
    { kind: "preview", mimetype: "image/jpeg", data },
    expect.objectContaining({ kind: "node" }),
    { kind: "preview", nodeId: "2", mimetype: "image/jpeg", data },
  ]);
});
