import { expect, test } from "@jest/globals";
import { describeFaults, limitsOf, nodeFaultsOf } from "./node-faults.ts";

const workflow = {
  4: {
    class_type: "CheckpointLoaderSimple",
    inputs: { ckpt_name: "missing.safetensors" },
    _meta: { title: "Load Checkpoint" },
  },
  5: { class_type: "EmptyLatentImage", inputs: { width: 8 } },
};

const faultsOf = (nodeId: string, class_type: string, error: Record<string, unknown>) =>
  nodeFaultsOf(workflow, { [nodeId]: { class_type, dependent_outputs: ["9"], errors: [error] } });

test("names node, class, title, field, the value received and the values that would do", () => {
  const faults = faultsOf("4", "CheckpointLoaderSimple", {
    type: "value_not_in_list",
    message: "Value not in list",
    details: "ckpt_name: 'missing.safetensors' not in ['a.safetensors', 'b.safetensors']",
    extra_info: {
      input_name: "ckpt_name",
      input_config: [["a.safetensors", "b.safetensors"], { tooltip: "…" }],
      received_value: "missing.safetensors",
    },
  });
  expect(faults).toEqual([
    {
      node_id: "4",
      class_type: "CheckpointLoaderSimple",
      title: "Load Checkpoint",
      field: "ckpt_name",
      type: "value_not_in_list",
      message: 'value not in list: "missing.safetensors"',
      received: "missing.safetensors",
      allowed: ["a.safetensors", "b.safetensors"],
    },
  ]);
  expect(describeFaults(faults)).toBe(
    'node 4 (CheckpointLoaderSimple) ckpt_name: value not in list: "missing.safetensors" (allowed: "a.safetensors", "b.safetensors")',
  );
});

test("names the least and the most of a number", () => {
  const faults = faultsOf("5", "EmptyLatentImage", {
    type: "value_smaller_than_min",
    message: "Value 8 smaller than min of 16",
    details: "width",
    extra_info: {
      input_name: "width",
      input_config: ["INT", { default: 512, min: 16, max: 16384, step: 8 }],
      received_value: 8,
    },
  });
  expect(faults).toMatchObject([{ field: "width", received: 8, minimum: 16, maximum: 16384 }]);
  expect(describeFaults(faults)).toBe("node 5 (EmptyLatentImage) width: Value 8 smaller than min of 16");
});

test("keeps what a node says of its own validation", () => {
  const faults = faultsOf("5", "LoadImage", {
    type: "custom_validation_failed",
    message: "Custom validation failed for node",
    details: "image - Invalid image file: cat.png",
    extra_info: { input_name: "image" },
  });
  expect(describeFaults(faults)).toBe(
    "node 5 (LoadImage) image: Custom validation failed for node: Invalid image file: cat.png",
  );
});

test.each([
  ["'99'", "KeyError", "a link leads to node 99, which is not in the workflow"],
  ["'samples'", "ValueError", "Exception when validating node: 'samples'"],
  ["'4'", "KeyError", "Exception when validating node: '4'"],
])("understands a fault of a whole node: %s, %s", (details, exception_type, message) => {
  const faults = faultsOf("5", "VAEDecode", {
    type: "exception_during_validation",
    message: "Exception when validating node",
    details,
    extra_info: { exception_type, traceback: [] },
  });
  expect(describeFaults(faults)).toBe(`node 5 (VAEDecode): ${message}`);
});

test("reads values that would do from both ways of describing an input, and cuts long lists", () => {
  expect(limitsOf(["COMBO", { options: ["euler", "dpmpp_2m"], multiselect: false }])).toEqual({
    allowed: ["euler", "dpmpp_2m"],
  });
  const { allowed } = limitsOf([Array.from({ length: 312 }, (_, index) => `${index}.safetensors`)]);
  expect(allowed).toHaveLength(51);
  expect(allowed?.at(-1)).toBe("… and 262 more");
  expect(limitsOf(null)).toEqual({});
  expect(limitsOf(["MODEL"])).toEqual({});
});

test("tells the first faults, and how many more there are", () => {
  const faults = nodeFaultsOf(
    workflow,
    Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [
        String(index),
        { class_type: "Node", errors: [{ type: "required_input_missing", message: "Required input is missing" }] },
      ]),
    ),
  );
  expect(describeFaults(faults)).toMatch(/^node 0 \(Node\): Required input is missing; .*; and 3 more$/);
});

test("bears an answer that makes no sense", () => {
  expect(nodeFaultsOf(workflow, undefined)).toEqual([]);
  expect(nodeFaultsOf(workflow, [])).toEqual([]);
  expect(nodeFaultsOf(workflow, { 4: { errors: "?" } })).toEqual([]);
});
