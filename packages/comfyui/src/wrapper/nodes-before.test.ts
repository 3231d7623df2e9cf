import { expect, test } from "@jest/globals";
import { nodesBefore } from "./nodes-before.ts";

const node = (...sources: unknown[]) => ({
  class_type: "Any",
  inputs: Object.fromEntries(sources.map((source, index) => [`input_${index}`, source])),
});

test("are all that a node needs, by whatever way", () => {
  const workflow = {
    a: node(),
    b: node(["a", 0], 5),
    c: node(["a", 1], "a"),
    d: node(["b", 0], ["c", 0]),
    e: node(["d", 0]),
  };
  expect([...nodesBefore(workflow, "d")].toSorted()).toEqual(["a", "b", "c"]);
  expect([...nodesBefore(workflow, "a")]).toEqual([]);
});

test("are found in workflows that go in circles or lead nowhere", () => {
  const workflow = { a: node(["b", 0], []), b: node(["a", 0], ["gone", 0], ["constructor", 0]) };
  expect([...nodesBefore(workflow, "a")]).toEqual(["b"]);
  expect([...nodesBefore(workflow, "gone")]).toEqual([]);
});
