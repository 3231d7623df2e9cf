import { expect, test } from "@jest/globals";
import { differencesBetween, modelAnswer } from "./observation.ts";

test("two that were seen alike differ in nothing", () => {
  const seen = { status: 200, body: { choices: [{ text: "a" }] }, list: [1, 2] };
  expect(differencesBetween({ reference: seen, ours: JSON.parse(JSON.stringify(seen)) })).toEqual([]);
});

test("every field that differs is named, in order, also where it is missing", () => {
  const reference = { status: 500, connection: "close", body: "" };
  const ours = { status: 422, "retry-after": "5", body: "" };
  expect(differencesBetween({ reference, ours })).toEqual([
    { field: "connection", reference: "close", ours: null },
    { field: "retry-after", reference: null, ours: "5" },
    { field: "status", reference: 500, ours: 422 },
  ]);
});

test("a model's answers are compared in full, and named in short", () => {
  const reference = { body: { choices: [{ text: "a" }] } };
  expect(differencesBetween({ reference, ours: { body: { choices: [{ text: "b" }] } } })).toEqual([
    { field: "body", reference: modelAnswer, ours: modelAnswer },
  ]);
});
