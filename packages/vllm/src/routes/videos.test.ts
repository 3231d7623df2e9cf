import { describe, expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, formOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const path = "/v1/videos/sync";
const prompt = "rain";
const foo = Buffer.from("foo").toString("base64");

describe("the price of a video", () => {
  test.each<[fields: object, workload: number]>([
    [{}, 500],
    [{ size: "832x480", num_frames: 66 }, 1000],
    [{ size: "832x480", width: 9, height: 9 }, 500],
    [{ width: 832, height: 960 }, 1000],
    [{ width: 832 }, 500],
    [{ seconds: 5.5, fps: 6 }, 500],
    [{ seconds: "5.5" }, 2000],
    [{ seconds: 5, num_frames: 33 }, 500],
    [{ num_outputs_per_prompt: 2 }, 1000],
    [{ num_frames: 1 }, 50],
    [{ num_frames: 1e300, num_outputs_per_prompt: 1e300 }, 4000],
    [{ num_frames: -1, seconds: "long", fps: Number.NaN, width: "9e4000", height: {} }, 500],
  ])("with %j is %d", (fields, workload) => {
    expect(workloadOf(path, { prompt, ...fields })).toBe(workload);
  });
});

test("its files and references go into one form", () => {
  const image = { image_url: "https://example.com/a.png" };
  const form = formOf(path, {
    prompt,
    input_reference: foo,
    input_references: [foo, `data:audio/wav;base64,${foo}`],
    source_video: foo,
    source_video_filename: "clip.mov",
    video_noise_mask: foo,
    image_reference: [image],
    audio_reference: { audio_url: "data:audio/wav;base64,Zm9v" },
  });
  expect(form).toEqual({
    prompt,
    model: "mine",
    input_reference: [expect.objectContaining({ filename: "image.png", type: "image/png" })],
    input_references: [
      expect.objectContaining({ filename: "image.png" }),
      expect.objectContaining({ filename: "file.wav", type: "audio/wav" }),
    ],
    source_video: [expect.objectContaining({ filename: "clip.mov", type: "video/quicktime" })],
    video_noise_mask: [expect.objectContaining({ filename: "mask.json", type: "application/json" })],
    image_reference: JSON.stringify([image]),
    audio_reference: { audio_url: "data:audio/wav;base64,Zm9v" },
  });
});

test.each<[payload: object, path: string]>([
  [{ prompt: 5 }, "prompt"],
  [{}, "prompt"],
  [{ prompt, source_audio: foo, source_audio_filename: "x.mov" }, "source_audio_filename"],
  [{ prompt, input_reference: [foo, foo] }, "input_reference"],
  [{ prompt, image_reference: { image_url: "file:///etc/passwd" } }, "image_reference.image_url"],
  [{ prompt, image_reference: {} }, "image_reference.image_url"],
  [{ prompt, video_reference: [{ video_url: "http://a" }, { video_url: 5 }] }, "video_reference.1.video_url"],
  [{ prompt, audio_reference: '[{"audio_url":"gopher://a"}]' }, "audio_reference"],
  [{ prompt, audio_reference: "{" }, "audio_reference"],
])("%j is wrong at %s", (payload, at) => {
  expect(faultsOf(path, payload).paths[0]).toMatch(at);
});

test("it is measured by one at a time, which costs 500", async () => {
  expect((await benchmarkOf(path)).workload).toBe(500);
  expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 1, runs: 1 });
});
