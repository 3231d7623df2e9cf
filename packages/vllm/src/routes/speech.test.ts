import { describe, expect, test } from "@jest/globals";
import { accepted, benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const voice = "https://example.com/voice.wav";
const input = "x".repeat(500);

describe("the price of speech", () => {
  test.each<[name: string, payload: object, workload: number]>([
    ["is its characters", { input }, 500],
    ["has a floor", { input: "Hi" }, 50],
    ["has a ceiling", { input: input.repeat(100) }, 4000],
    ["counts a voice to imitate", { input, ref_audio: voice }, 1000],
    ["counts each of them", { input, ref_audio: [voice, voice], ref_audio_2: voice }, 2000],
    ["counts those in references", { input, references: [{ audio_path: voice }, voice] }, 1500],
    ["is the same when wrapped", { input: { input } }, 500],
  ])("%s", (_name, payload, workload) => {
    expect(workloadOf("/v1/audio/speech", payload)).toBe(workload);
  });

  test("of several texts counts a voice for each that has one, its own or that of all", () => {
    const items = [{ input }, { input, ref_audio: voice }];
    expect(workloadOf("/v1/audio/speech/batch", { items })).toBe(1500);
    expect(workloadOf("/v1/audio/speech/batch", { items, ref_audio: voice })).toBe(2000);
  });

  test("of a sound that is described is always the same", () => {
    expect(workloadOf("/v1/audio/generate", { input: "rain", audio_length: 1e9 })).toBe(500);
  });
});

test("a request goes as it came, and unwrapped where it was wrapped", () => {
  expect(accepted("/v1/audio/speech", { input, speed: 2 }).transform()).toBeUndefined();
  expect(accepted("/v1/audio/speech", { input: { input, ref_audio: voice } }).transform()).toEqual({
    input,
    ref_audio: voice,
  });
});

describe("refused is", () => {
  test.each<[payload: unknown, path: string]>([
    [{}, "input"],
    [{ input: 5 }, "input"],
    [{ input: ["a"] }, "input"],
    [{ input: { input: 5 } }, "input.input"],
    [{ input, ref_audio: "file:///etc/passwd" }, "ref_audio"],
    [{ input, ref_audio: [voice, "/etc/passwd"] }, "ref_audio.1"],
    [{ input, references: [{ audio_path: "ftp://a" }] }, "references.0.audio_path"],
    [{ input, references: [5] }, "references.0"],
  ])("%j", (payload, path) => {
    expect(faultsOf("/v1/audio/speech", payload).paths).toEqual([path]);
  });

  test.each<[payload: unknown, path: string]>([
    [{ items: [] }, "items"],
    [{ items: [{ input: 5 }] }, "items.0.input"],
    [{ items: [{ input, ref_audio: "x" }] }, "items.0.ref_audio"],
  ])("the batch %j", (payload, path) => {
    expect(faultsOf("/v1/audio/speech/batch", payload).paths).toEqual([path]);
  });

  test("a data: URI of more than 25 MiB", () => {
    const uri = `data:audio/wav;base64,${"A".repeat(34 * 1024 * 1024)}`;
    expect(faultsOf("/v1/audio/speech", { input, ref_audio: uri })).toEqual({
      paths: ["ref_audio"],
      first: "at most 25 MiB in a data: URI",
    });
  });
});

describe("the benchmark of", () => {
  test.each(["/v1/audio/speech", "/v1/audio/speech/batch"] as const)(
    "%s has the voice that is asked for",
    async (path) => {
      const plain = await benchmarkOf(path);
      expect([plain.workload, plain.payload.model, "voice" in plain.payload]).toEqual([500, "mine", false]);
      const { payload } = await benchmarkOf(path, { benchmarkSpeechVoice: "vivian" });
      expect(payload).toMatchObject({ voice: "vivian" });
      expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 4, runs: 2 });
    },
  );

  test("/v1/audio/generate is of ten seconds", async () => {
    const { payload } = await benchmarkOf("/v1/audio/generate");
    expect(payload).toMatchObject({ model: "mine", input: expect.stringMatching(/^.{60}$/), audio_length: 10 });
  });
});
