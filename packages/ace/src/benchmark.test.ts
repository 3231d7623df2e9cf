import { expect, test } from "@jest/globals";
import { aceWorkload } from "./ace-workload.ts";
import { aceBenchmarkRequest } from "./benchmark.ts";
import { songs } from "./songs.ts";

const drawn = Array.from({ length: 40 }, () => aceBenchmarkRequest().input.workflow_json);

test("asks for the piece by which Vast's worker counts", () => {
  for (const workflow of drawn) {
    expect(workflow["17"]?.inputs.seconds).toBe(180);
    expect(aceWorkload(workflow)).toBe(1000);
  }
});

test("asks for another each time, lyrics and all", () => {
  expect(new Set(drawn.map((workflow) => workflow["52"]?.inputs.seed)).size).toBe(40);
  const asked = new Set(drawn.map((workflow) => workflow["14"]?.inputs.tags));
  expect(asked.size).toBeGreaterThan(2);
  for (const workflow of drawn) {
    const { lyrics, tags } = workflow["14"]?.inputs ?? {};
    expect(songs).toContainEqual({ tags, lyrics });
  }
});

test("has pieces enough, no two of them the same", () => {
  expect(new Set(songs.map(({ tags }) => tags)).size).toBe(songs.length);
  expect(songs.filter(({ lyrics }) => lyrics.includes("[chorus]")).length).toBeGreaterThanOrEqual(4);
});
