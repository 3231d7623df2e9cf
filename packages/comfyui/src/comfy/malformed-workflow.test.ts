import { expect, test } from "@jest/globals";
import { malformedWorkflow } from "./malformed-workflow.ts";

const messageOf = (json: string): string | undefined => malformedWorkflow(JSON.parse(json))?.fault.message;

test("explains a workflow in the editor's format", () => {
  const json = '{"last_node_id": 9, "nodes": [{"id": 1, "type": "SaveImage"}], "links": [], "version": 0.4}';
  expect(messageOf(json)).toContain("editor's format");
  expect(malformedWorkflow(JSON.parse(json))?.status).toBe(400);
});

test.each([
  ['{"1": null}', "node 1 has no class_type"],
  ['{"1": 5}', "node 1 has no class_type"],
  ['{"1": {"inputs": {}}}', "node 1 has no class_type"],
  ['{"1": {"class_type": "SaveImage"}}', "node 1 (SaveImage) has no inputs"],
  ['{"1": {"class_type": "SaveImage", "inputs": []}}', "node 1 (SaveImage) has no inputs"],
])("says what is no node: %s", (json, message) => {
  expect(messageOf(json)).toContain(message);
});

test("leaves the rest for ComfyUI to judge", () => {
  expect(messageOf('{"1": {"class_type": "Nobody", "inputs": {}}}')).toBeUndefined();
  expect(messageOf('{"nodes": {"class_type": "SaveImage", "inputs": {}}}')).toBeUndefined();
});
