import { describe, expect, test } from "@jest/globals";
import { checkWorkflow } from "./check-workflow.ts";

const problems = (value: unknown): unknown => {
  const checked = checkWorkflow(value);
  return "problems" in checked ? checked.problems : "none";
};

const node = { class_type: "SaveImage", inputs: {} };

describe("check workflow", () => {
  test("takes a workflow in API format as it is", () => {
    const workflow = { "9": { ...node, _meta: { title: "Save" } }, "10:1": { ...node, is_changed: true } };
    expect(checkWorkflow(workflow)).toEqual({ workflow });
  });

  test("tells how to export a workflow that is in the editor's format", () => {
    expect(problems({ version: 0.4, nodes: [{ id: 1, type: "SaveImage" }], links: [] })).toEqual([
      { path: [], message: expect.stringContaining("Export (API)") },
    ]);
  });

  test.each([
    ["a list", []],
    ["a number", 7],
    ["nothing", null],
  ])("refuses %s", (_name, value) => {
    expect(problems(value)).toEqual([{ path: [], message: expect.stringContaining("nodes by their ids") }]);
  });

  test("refuses a workflow without nodes", () => {
    expect(problems({})).toEqual([{ path: [], message: "the workflow has no nodes" }]);
  });

  test("names the nodes that are wrong, and only those", () => {
    expect(
      problems({
        "1": node,
        "2": "SaveImage",
        "3": { inputs: {} },
        "4": { class_type: "", inputs: {} },
        "5": { class_type: "KSampler" },
        "6": { class_type: "KSampler", inputs: [] },
        "7": { ...node, _meta: { title: 7 } },
      }),
    ).toEqual([
      { path: ["2"], message: "node 2: expected an object with class_type and inputs" },
      { path: ["3"], message: expect.stringContaining("node 3: class_type is missing") },
      { path: ["4"], message: expect.stringContaining("node 4: class_type is missing") },
      { path: ["5"], message: expect.stringContaining("node 5: inputs is missing (class_type KSampler)") },
      { path: ["6"], message: expect.stringContaining("node 6: inputs is missing") },
      { path: ["7"], message: expect.stringContaining("node 7: _meta") },
    ]);
  });

  test("names ten nodes at most", () => {
    expect(problems(Object.fromEntries(Array.from({ length: 50 }, (_, id) => [id, 7])))).toHaveLength(10);
  });

  test("refuses more than ten thousand nodes", () => {
    const nodes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, id) => [id, node]));
    expect(problems(nodes(10_000))).toBe("none");
    expect(problems(nodes(10_001))).toEqual([{ path: [], message: expect.stringContaining("10001 nodes") }]);
  });
});
