import { expect, test } from "@jest/globals";
import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";
import { checkLinks } from "./check-links.ts";

const node = (inputs: Record<string, unknown>) => ({ class_type: "SaveImage", inputs });

function refusal(workflow: Workflow): unknown {
  try {
    return checkLinks(workflow);
  } catch (error) {
    return error instanceof JobError ? error.fault : error;
  }
}

test("takes links between nodes of the workflow, whatever the input is called", () => {
  expect(refusal({ "1": node({}), "2": node({ images: ["1", 0], unheard_of: ["1", 0] }) })).toBeUndefined();
});

test.each([
  ["an integer", 0],
  ["a number", 0.5],
  ["an integer beyond 2^53", 2n ** 60n],
  ["what Python counts among the numbers", true],
])("refuses a link to a missing node by %s", (_name, output) => {
  expect(refusal({ "2": node({ unheard_of: ["99", output] }) })).toEqual({
    type: "invalid_input",
    message: "node 2 (SaveImage) unheard_of: a link leads to node 99, which is not in the workflow",
  });
});

test("names each of them, as far as they are few", () => {
  expect(refusal({ "1": node({ a: ["8", 0], b: ["9", 1] }) })).toMatchObject({
    message: expect.stringMatching(/^node 1 \(SaveImage\) a: .* node 8,.*; node 1 \(SaveImage\) b: .* node 9,.*$/),
  });
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`input${index}`, ["9", 0]]));
  expect(refusal({ "1": node(many) })).toMatchObject({ message: expect.stringMatching(/input9: .*; and 3 more$/) });
});

test("takes no property of every object for a node", () => {
  expect(refusal({ "1": node({ a: ["constructor", 0] }) })).toMatchObject({ type: "invalid_input" });
});

test.each([[["99"]], [["99", 0, 1]], [[99, 0]], [["99", "0"]], [{ __value__: ["99", 0] }], ["99"]])(
  "takes %j for no link",
  (value) => {
    expect(refusal({ "1": node({ value }) })).toBeUndefined();
  },
);
