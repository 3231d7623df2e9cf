import { expect, test } from "@jest/globals";
import type { Workflow } from "../workflow.ts";
import { createMessageReader } from "./message-reader.ts";

const sampler = (source: string) => ({
  class_type: "KSampler",
  inputs: { steps: 4, latent_image: [source, 0] },
});

/** Two samplers, one after the other: 4 nodes and 8 steps. */
const workflow: Workflow = {
  latent: { class_type: "EmptyLatentImage", inputs: {} },
  first: { ...sampler("latent"), _meta: { title: "First" } },
  second: sampler("first"),
  save: { class_type: "SaveImage", inputs: { images: ["second", 0] } },
};

/** What is made of messages; each comes half a second after the one before. */
function read(messages: readonly string[], { of: given }: { of: unknown } = { of: workflow }) {
  let time = 0;
  const reader = createMessageReader(given, { monotonic: () => time });
  return messages.map((message) => {
    time += 500;
    return reader(message);
  });
}

test("tells how far the whole workflow is, where the wrapper tells how far a node is", () => {
  const told = read([
    "Processing node: first",
    "Progress: 50.0% (2/4)",
    "Progress: 100.0% (4/4)",
    "Processing node: second",
    "Progress: 25.0% (1/4)",
    "Progress: 100.0% (4/4)",
  ]);
  const percentages = told.flatMap((progress) => (progress?.kind === "step" ? [progress.percentage] : []));
  // The latent is made: 5 of the 10 % that are not the samplers'.
  expect(percentages).toEqual([27.5, 50, 61.2, 95]);
});

test("estimates what remains by the pace of the steps", () => {
  const [, , last] = read(["Processing node: first", "Progress: 25.0% (1/4)", "Progress: 50.0% (2/4)"]);
  expect(last).toMatchObject({ kind: "step", nodeId: "first", value: 2, max: 4, remainingSeconds: 3 });
});

test("says each thing once, with the node's class and title", () => {
  expect(
    read([
      "Generation started (ComfyUI job: 7)",
      "Processing node: first",
      "Processing node: first",
      "Request accepted",
    ]),
  ).toEqual([
    { kind: "started", promptId: "7" },
    { kind: "node", nodeId: "first", classType: "KSampler", title: "First", done: 0, total: 4 },
    undefined,
    undefined,
  ]);
});

test.each([[undefined], [{}], [{ first: 5 }]])(
  "passes on the wrapper's own figures where the workflow is %j",
  (given) => {
    expect(read(["Processing node: first", "Progress: 25.0% (1/4)"], { of: given })).toEqual([
      { kind: "node", nodeId: "first", classType: "", done: 0, total: 1 },
      { kind: "step", nodeId: "first", value: 1, max: 4, percentage: 25 },
    ]);
  },
);

test("takes steps for the first sampler's where the message of its beginning was missed", () => {
  const [step] = read(["Progress: 50.0% (2/4)"]);
  expect(step).toMatchObject({ kind: "step", nodeId: "first", value: 2, max: 4 });
  expect(step?.kind === "step" && step.percentage).toBeGreaterThan(0);
});
