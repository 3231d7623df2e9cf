import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { answerOf, type JobAnswer } from "../harness/comfyui/job-client.ts";
import { fetchFile, inputOf, makeSamples, sizeOfPng } from "../harness/comfyui/sample-files.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { askForHistory, whatRan } from "../harness/comfyui/what-ran.ts";
import { verifies } from "../harness/verifies.ts";

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode, standInOnly: true });
  });
  afterAll(() => under.stop());

  const ask = async (input: Record<string, unknown>): Promise<JobAnswer> =>
    answerOf(await under.worker.send("/generate/sync", { input }, askForHistory));

  verifies(["comfyui/modifiers"], "Text2Image makes a picture of a prompt", async () => {
    const modifications = { prompt: "a cat", negative_prompt: "a dog", width: 256, height: 128, steps: 3, seed: 5 };
    const { body, status } = await ask({ modifier: "Text2Image", modifications, workflow_json: {} });
    expect({ status, body }).toMatchObject({ status: 200, body: { output: [{ output_type: "images" }] } });
    const nodes = Object.values(whatRan(body)).map(({ class_type, inputs }) => ({ class_type, inputs }));
    expect(nodes).toEqual(
      expect.arrayContaining([
        { class_type: "KSampler", inputs: expect.objectContaining({ seed: 5, steps: 3, denoise: 1 }) },
        { class_type: "EmptyLatentImage", inputs: { width: 256, height: 128, batch_size: 1 } },
        { class_type: "CLIPTextEncode", inputs: expect.objectContaining({ text: "a cat" }) },
        { class_type: "CLIPTextEncode", inputs: expect.objectContaining({ text: "a dog" }) },
      ]),
    );
    const [file] = body.output;
    expect(sizeOfPng((await fetchFile(under.worker, file)).bytes)).toEqual([256, 128]);
    const silent = await Promise.all([1, 2].map(() => ask({ modifier: "Text2Image" })));
    const seeds = silent.map(({ body: one }) => Object.values(whatRan(one)).map(({ inputs }) => inputs.seed));
    expect(seeds[0]).not.toEqual(seeds[1]);
  });

  verifies(["comfyui/modifiers", "comfyui/input-inline"], "Image2Image makes a picture of a picture", async () => {
    const [sample] = await makeSamples(under);
    const input_image = `data:image/png;base64,${sample?.bytes.toString("base64")}`;
    const { body, status } = await ask({ modifier: "Image2Image", modifications: { input_image, prompt: "a cat" } });
    expect({ status, body }).toMatchObject({ status: 200, body: { output: [{ output_type: "images" }] } });
    const loader = Object.values(whatRan(body)).find(({ class_type }) => class_type === "LoadImage");
    expect(sample?.bytes.equals(await inputOf(under, loader?.inputs.image))).toBe(true);
    const without = await ask({ modifier: "Image2Image", modifications: { prompt: "a cat" } });
    expect(without.status).toBe(422);
    expect(without.body.payload?.input).toMatch(/modifications\.input_image/);
  });

  verifies(
    ["comfyui/modifier-unknown"],
    "a modifier that nobody knows here is the wrapper's, if there is one",
    async () => {
      const { body, status } = await ask({ modifier: "Text2Video", modifications: { prompt: "a cat" } });
      if (mode === "direct") {
        expect(status).toBe(422);
        expect(body.payload?.input).toMatch(/Text2Video.*Text2Image, Image2Image/);
        return;
      }
      expect({ status, body }).toMatchObject({ status: 500, body: { message: expect.stringContaining("Text2Video") } });
      expect(under.wrapper?.jobs.at(-1)?.payload).toMatchObject({
        modifier: "Text2Video",
        modifications: { prompt: "a cat" },
      });
    },
  );

  verifies(["comfyui/modifiers", "comfyui/overrides"], "what a modifier makes can be overridden", async () => {
    const { body, status } = await ask({ modifier: "Text2Image", overrides: { "3": { steps: 2, seed: 1 } } });
    expect({ status, body }).toMatchObject({ status: 200 });
    expect(Object.values(whatRan(body)).map(({ inputs }) => inputs.steps)).toContain(2);
  });
});
