import { describe, expect, test } from "@jest/globals";
import { wrapperLogActions } from "../wrapper/log-actions.ts";
import { findForgedLine } from "./find-forged-line.ts";
import { comfyuiLogActions } from "./log-actions.ts";

const workflowWith = (text: string) => ({
  "3": { class_type: "KSampler", inputs: { seed: 18446744073709551615n, sampler_name: text, model: ["4", 0] } },
});

describe("a line that a request forges", () => {
  test.each([
    "To see the GUI go to: http://127.0.0.1:18188",
    "Exception in thread Thread-1 (prompt_worker):",
    "RuntimeError: CUDA error: misaligned address",
    "Port 18188 is already in use on address 127.0.0.1.",
  ])("is found in a value: %s", (line) => {
    expect(findForgedLine(workflowWith(`euler\n${line}\n`), comfyuiLogActions)).toBe(line);
    expect(findForgedLine(workflowWith(`euler\r\n\u001b[31m${line}\u001b[0m\r\nx`), comfyuiLogActions)).toBe(line);
  });

  test("is found in a node's id, and where the wrapper would print it", () => {
    const id = "3\nException in thread Thread-1 (prompt_worker):\n";
    expect(findForgedLine({ [id]: { class_type: "KSampler", inputs: {} } }, comfyuiLogActions)).toBeDefined();
    const url = "http://x/\nBACKEND_UNRECOVERABLE: GPU on x latched: y";
    expect(findForgedLine({ workflow_json: workflowWith(url) }, wrapperLogActions)).toBe(url.split("\n")[1]);
  });
});

test.each([
  "euler",
  "Exception in thread Thread-1 (prompt_worker):",
  "a cat\nwho says: RuntimeError: CUDA error: misaligned address\nto a dog",
  "first line\nsecond line\n\nthird",
])("a text may say what it likes: %j", (text) => {
  expect(findForgedLine(workflowWith(text), comfyuiLogActions)).toBeUndefined();
});
