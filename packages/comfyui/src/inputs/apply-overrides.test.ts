import { describe, expect, test } from "@jest/globals";
import { JobError } from "../jobs/job-error.ts";
import { applyOverrides, type Overrides } from "./apply-overrides.ts";

const workflow = {
  "6": { class_type: "CLIPTextEncode", inputs: { text: "a", clip: ["4", 1] }, _meta: { title: "Positive prompt" } },
  "7": { class_type: "CLIPTextEncode", inputs: { text: "b" }, _meta: { title: "Text" } },
  "8": { class_type: "CLIPTextEncode", inputs: { text: "c" }, _meta: { title: "Text" } },
  "9": { class_type: "SaveImage", inputs: {} },
};

const refusal = (overrides: Overrides): unknown => {
  try {
    return applyOverrides(workflow, overrides);
  } catch (error) {
    return error instanceof JobError ? error.fault : error;
  }
};

describe("overrides", () => {
  test("set inputs of a node by its id, and leave its others", () => {
    expect(applyOverrides(workflow, { "6": { text: "new" }, "9": { filename_prefix: "x" } })).toEqual({
      ...workflow,
      "6": { ...workflow["6"], inputs: { text: "new", clip: ["4", 1] } },
      "9": { class_type: "SaveImage", inputs: { filename_prefix: "x" } },
    });
  });

  test("set inputs of a node by its title, in the long form", () => {
    expect(applyOverrides(workflow, { "Positive prompt": { inputs: { text: "new" } } })["6"]?.inputs.text).toBe("new");
  });

  test("know a node that is named by its id and by its title", () => {
    const changed = applyOverrides(workflow, { "6": { text: "new" }, "Positive prompt": { seed: 1 } });
    expect(changed["6"]?.inputs).toEqual({ text: "new", clip: ["4", 1], seed: 1 });
  });

  test("do not change the workflow that they are given", () => {
    const before = structuredClone(workflow);
    applyOverrides(workflow, { "6": { text: "new" } });
    expect(workflow).toEqual(before);
  });

  test("tell which nodes there are when one is unknown", () => {
    expect(refusal({ Negative: { text: "x" } })).toEqual({
      type: "invalid_input",
      message:
        "overrides.Negative: the workflow has no node with this id or title; it has 6 (Positive prompt), 7 (Text), 8 (Text), 9 (SaveImage)",
    });
  });

  test("ask for an id where several nodes have the title", () => {
    expect(refusal({ Text: { text: "x" } })).toEqual({
      type: "invalid_input",
      message: "overrides.Text: several nodes have this title: use one of their ids, 7, 8",
    });
  });

  test("take no property of every object for a node", () => {
    expect(refusal({ constructor: { text: "x" } })).toMatchObject({ type: "invalid_input" });
  });
});
