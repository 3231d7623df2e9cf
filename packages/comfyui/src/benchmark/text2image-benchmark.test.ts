import { expect, test } from "@jest/globals";
import type { ConfigurationProblem } from "@pyworker/core";
import { imagePrompts } from "./image-prompts.ts";
import { createText2ImageBenchmark, readBenchmarkImage } from "./text2image-benchmark.ts";

test("asks for 512 x 512 pixels in 20 steps where nothing else is set", () => {
  const problems: ConfigurationProblem[] = [];
  expect(readBenchmarkImage({}, problems)).toEqual({ width: 512, height: 512, steps: 20 });
  expect(
    readBenchmarkImage(
      { BENCHMARK_TEST_WIDTH: "1024", BENCHMARK_TEST_HEIGHT: "768", BENCHMARK_TEST_STEPS: "8" },
      problems,
    ),
  ).toEqual({ width: 1024, height: 768, steps: 8 });
  expect(problems).toEqual([]);
});

test.each(["", "wide", "0", "15", "16385", "-512", "512.5", "5e2", " 512", "99999999999"])(
  "reports %j as a width by name",
  (text) => {
    const problems: ConfigurationProblem[] = [];
    readBenchmarkImage({ BENCHMARK_TEST_WIDTH: text }, problems);
    expect(problems).toEqual([
      { name: "BENCHMARK_TEST_WIDTH", expected: "a whole number from 16 to 16384", found: JSON.stringify(text) },
    ]);
  },
);

test("reports everything that is wrong", () => {
  const problems: ConfigurationProblem[] = [];
  readBenchmarkImage({ BENCHMARK_TEST_HEIGHT: "tall", BENCHMARK_TEST_STEPS: "0" }, problems);
  expect(problems.map(({ name }) => name)).toEqual(["BENCHMARK_TEST_HEIGHT", "BENCHMARK_TEST_STEPS"]);
});

test("asks for one picture after the other, each with a seed of its own", () => {
  const next = createText2ImageBenchmark({ width: 640, height: 512, steps: 12 });
  const drawn = Array.from({ length: 40 }, () => next().input);
  for (const { modifications, modifier } of drawn) {
    expect(modifier).toBe("Text2Image");
    expect(modifications).toMatchObject({ width: 640, height: 512, steps: 12 });
    expect(imagePrompts).toContain(modifications.prompt);
  }
  expect(new Set(drawn.map(({ modifications }) => modifications.seed)).size).toBe(40);
  expect(new Set(drawn.map(({ modifications }) => modifications.prompt)).size).toBeGreaterThan(5);
});

test("has prompts enough, no two of them the same", () => {
  expect(new Set(imagePrompts).size).toBe(imagePrompts.length);
  expect(imagePrompts.length).toBeGreaterThanOrEqual(20);
});
