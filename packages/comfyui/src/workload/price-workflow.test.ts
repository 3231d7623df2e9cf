import { describe, expect, test } from "@jest/globals";
import type { Workflow } from "../workflow.ts";
import { audioWorkload, imageWorkload, videoWorkload, workflowWorkload } from "./price-workflow.ts";
import { scanWorkflow, type WorkKind } from "./scan-workflow.ts";

const image = ({ width = 512, height = 512, batch_size = 1, steps = 20, cfg = 7 } = {}): Workflow => ({
  1: { class_type: "EmptyLatentImage", inputs: { width, height, batch_size } },
  2: { class_type: "KSampler", inputs: { steps, cfg } },
});

const video = ({ width = 640, height = 640, length = 81, batch_size = 1, steps = 20, cfg = 3.5 } = {}): Workflow => ({
  1: { class_type: "EmptyHunyuanLatentVideo", inputs: { width, height, length, batch_size } },
  2: { class_type: "KSamplerAdvanced", inputs: { steps, cfg, start_at_step: 0, end_at_step: steps / 2 } },
  3: { class_type: "KSamplerAdvanced", inputs: { steps, cfg, start_at_step: steps / 2, end_at_step: 10_000 } },
});

const audio = ({ seconds = 180, batch_size = 1, steps = 65, cfg = 4 } = {}): Workflow => ({
  1: { class_type: "EmptyAceStepLatentAudio", inputs: { seconds, batch_size } },
  2: { class_type: "KSampler", inputs: { steps, cfg } },
});

const priceImage = (workflow: Workflow) => imageWorkload(scanWorkflow(workflow));
const priceVideo = (workflow: Workflow) => videoWorkload(scanWorkflow(workflow));
const priceAudio = (workflow: Workflow) => audioWorkload(scanWorkflow(workflow));
const price = (workflow: Workflow, kind: WorkKind) => workflowWorkload(workflow, { kind, fallback: 77 });

test("prices the benchmarks exactly as Vast's workers do", () => {
  expect(priceImage(image())).toBe(100);
  expect(priceVideo(video())).toBe(10_000);
  expect(priceAudio(audio())).toBe(1000);
  expect(price(image(), "image")).toBe(100);
  expect(price(video(), "video")).toBe(10_000);
  expect(price(audio(), "audio")).toBe(1000);
});

test.each([
  [{ width: 1024, height: 1024 }, 400],
  [{ steps: 40 }, 200],
  [{ batch_size: 4 }, 400],
  [{ cfg: 1 }, 50],
])("prices an image of %j", (fields, expected) => {
  expect(priceImage(image(fields))).toBeCloseTo(expected);
});

test.each([
  [{ length: 49 }, 0.49],
  [{ width: 832, height: 480 }, 0.96],
  [{ width: 1280, height: 720 }, 3.76],
  [{ width: 1280, height: 704, length: 121 }, 7.15],
  [{ batch_size: 2 }, 2],
  [{ steps: 40 }, 2],
  [{ steps: 4, cfg: 1 }, 0.1],
])("prices a video of %j, attention included", (fields, share) => {
  expect(priceVideo(video(fields)) / 10_000).toBeCloseTo(share, 2);
});

test.each([
  [{ seconds: 90 }, 500],
  [{ steps: 130 }, 2000],
  [{ batch_size: 2 }, 2000],
  [{ cfg: 1 }, 500],
])("prices sound of %j", (fields, expected) => {
  expect(priceAudio(audio(fields))).toBeCloseTo(expected);
});

describe("a workflow of any kind", () => {
  test("costs the constant where it tells nothing", () => {
    expect(price({}, "image")).toBe(77);
    expect(price({ 1: { class_type: "EmptyImage", inputs: { width: 512, height: 512 } } }, "image")).toBe(77);
  });

  test("costs what its steps say where its size is that of an uploaded file", () => {
    const workflow: Workflow = { 2: { class_type: "KSampler", inputs: { steps: 10, cfg: 7 } } };
    expect(price(workflow, "image")).toBe(50);
    expect(price(workflow, "video")).toBe(5000);
  });

  test("costs what its size says where its sampler is unknown", () => {
    const { 1: latent } = image({ width: 1024 });
    expect(price({ 1: latent ?? { class_type: "", inputs: {} } }, "image")).toBe(200);
  });

  test("costs in an endpoint for another kind what that could have made in the time", () => {
    // On a 4090: 513 s of video, 20 / 43 s of an image.
    expect(price(video(), "image")).toBeCloseTo((100 * 513 * 43) / 20, 6);
    expect(price(image(), "video")).toBeCloseTo((10_000 * 20) / 43 / 513, 6);
    expect(price(audio(), "image")).toBeGreaterThan(20 * price(image(), "image"));
    expect(price(audio(), "image")).toBeLessThan(price(video(), "image") / 20);
  });

  test("is a video where it makes one from an image, with sound", () => {
    const { 1: still } = image();
    const { 1: sound } = audio();
    const empty = { class_type: "", inputs: {} };
    expect(price({ ...video(), 8: still ?? empty, 9: sound ?? empty }, "video")).toBe(10_000);
  });

  test("is priced at the largest of its latents, for each sampler", () => {
    const workflow = {
      ...image(),
      3: { class_type: "EmptyLatentImage", inputs: { width: 1024, height: 512 } },
      4: { class_type: "KSampler", inputs: { steps: 20, cfg: 7 } },
    };
    expect(price(workflow, "image")).toBe(400);
  });

  test.each([
    ["nothing at all", image({ steps: 0 }), 1],
    ["a dot", image({ width: 1, height: 1 }), 1],
    ["no frames", video({ length: 0 }), 100],
    ["more than can be", video({ width: 16_384, height: 16_384, length: 16_384, steps: 10_000 }), 10_000_000],
    ["more than numbers hold", image({ width: 1e300, height: 1e300, steps: 1e300 }), 100],
    ["a lot of nothing", image({ width: 1e19, height: 1e19, batch_size: 1e19, steps: 0 }), 1],
  ])("stays within bounds for %s", (_what, workflow, expected) => {
    const kind = Object.values(workflow).some(({ inputs }) => "length" in inputs) ? "video" : "image";
    expect(price(workflow, kind)).toBe(expected);
  });
});
