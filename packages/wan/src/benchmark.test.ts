import { expect, test } from "@jest/globals";
import { wanBenchmarkRequest } from "./benchmark.ts";
import { videoPrompts } from "./video-prompts.ts";
import { wanWorkload } from "./wan-workload.ts";

const drawn = Array.from({ length: 40 }, () => wanBenchmarkRequest().input.workflow_json);

test("asks for the video by which Vast's worker counts", () => {
  for (const workflow of drawn) {
    expect(workflow["104"]?.inputs).toMatchObject({ width: 640, height: 640, length: 81 });
    expect(wanWorkload(workflow)).toBe(10_000);
  }
});

test("asks for another each time", () => {
  expect(new Set(drawn.map((workflow) => workflow["96"]?.inputs.noise_seed)).size).toBe(40);
  const prompts = new Set(drawn.map((workflow) => workflow["99"]?.inputs.text));
  expect(prompts.size).toBeGreaterThan(4);
  expect([...prompts].every((prompt) => videoPrompts.some((one) => one === prompt))).toBe(true);
});

test("has prompts enough, no two of them the same", () => {
  expect(new Set(videoPrompts).size).toBe(videoPrompts.length);
  expect(videoPrompts.length).toBeGreaterThanOrEqual(12);
});
