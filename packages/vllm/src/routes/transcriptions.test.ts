import { describe, expect, test } from "@jest/globals";
import { FilePart } from "@pyworker/core";
import { wavFile } from "../uploads/wav.test.fixture.ts";
import { accepted, benchmarkOf, formOf, handlerOf, workloadOf } from "./route.test.fixture.ts";
import { watchDuration } from "./watch-duration.ts";

const wavOf = (seconds: number): string => wavFile({ samples: Buffer.alloc(100 * seconds) }).toString("base64");

describe.each(["/v1/audio/transcriptions", "/v1/audio/translations"] as const)("%s", (path) => {
  test.each([
    [30, 500],
    [60, 1000],
    [1, 50],
    [10_000, 4000],
  ])("costs for %d seconds %d", (seconds, workload) => {
    expect(workloadOf(path, { file: wavOf(seconds) })).toBe(workload);
  });

  test("is settled by the seconds that the engine has heard", () => {
    const settled: number[] = [];
    const watcher = accepted(path, { file: wavOf(1) }).watch({
      workload: 50,
      settle: (workload) => settled.push(workload),
      remaining: () => {},
      fail: () => {},
      signal: new AbortController().signal,
    });
    watcher?.chunk(Buffer.from('{"text":"Hi","usage":{"type":"duration","seconds":60}}'));
    watcher?.end?.();
    expect(settled).toEqual([1000]);
  });

  test("is measured by 30 seconds of speech, which cost 500", async () => {
    expect((await benchmarkOf(path)).workload).toBe(500);
    expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 4, runs: 2 });
  });
});

test("lists are named as OpenAI's forms name them", () => {
  const form = formOf("/v1/audio/transcriptions", {
    file: new FilePart("x.wav", Buffer.from("x")),
    timestamp_granularities: ["word", "segment"],
    "include[]": ["logprobs"],
    language: "en",
  });
  expect(Object.keys(form).sort()).toEqual(["file", "include[]", "language", "model", "timestamp_granularities[]"]);
});

describe("the seconds that an engine has heard", () => {
  function heard(...chunks: string[]): number[] {
    const seconds: number[] = [];
    const watcher = watchDuration((found) => seconds.push(found));
    for (const chunk of chunks) {
      expect(watcher.chunk(Buffer.from(chunk))?.toString()).toBe(chunk);
    }
    watcher.end?.();
    return seconds;
  }

  test("are found in its answer, wherever that was cut", () => {
    expect(heard('{"text":"Hi","usage":{"type":"duration","seconds":11}}')).toEqual([11]);
    expect(heard('{"text":"Hi","us', 'age":{"type":"dura', 'tion","seconds":11}}')).toEqual([11]);
  });

  test.each([
    '{"text":"usage"}',
    '{"usage":{"type":"tokens","total_tokens":3}}',
    '{"usage":{"type":"duration","seconds":-1}}',
    "Hi",
  ])("are not in %s", (answer) => {
    expect(heard(answer)).toEqual([]);
  });
});
