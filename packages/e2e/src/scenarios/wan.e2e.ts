import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import type { OutputItem } from "@pyworker/comfyui";
import { generate, generateLater, inStatus, resultOf } from "../harness/comfyui/job-client.ts";
import { isMp4, readEvents, readFile } from "../harness/comfyui/read-all.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { wanWorkflow } from "../harness/comfyui/wan-workflow.ts";
import { verifies } from "../harness/verifies.ts";

const fastLoras = {
  high: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
  low: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
};

const lora = (lora_name: string, model: string, strength_model = 1) => ({
  class_type: "LoraLoaderModelOnly",
  inputs: { model: [model, 0], lora_name, strength_model },
});

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ program: "wan", mode, standInOnly: true, comfyui: { msPerStep: 15 } });
  });
  afterAll(() => under.stop());

  /** Has a video made, and returns the workflow that ComfyUI was sent. */
  async function received(typed: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { body, status } = await generate(under.worker, {}, typed);
    expect({ status, body }).toMatchObject({ status: 200, body: { status: "completed" } });
    return under.comfyui.jobs.at(-1)?.workflow ?? {};
  }

  /** What a file is, by what it begins with and by what it is served as. */
  async function expectFilm(file: OutputItem | undefined): Promise<void> {
    expect(file).toMatchObject({
      output_type: "images",
      subfolder: "video",
      filename: expect.stringMatching(/\.mp4$/),
    });
    const { bytes, type } = await readFile(under.worker, file);
    expect([type, isMp4(bytes)]).toEqual(["video/mp4", true]);
  }

  verifies(["wan/typed"], "a prompt alone becomes the workflow that Vast ships, with its settings", async () => {
    const workflow = await received({ prompt: "a lake at dawn", negative_prompt: "people", seed: 5 });
    const expected = wanWorkflow({ prompt: "a lake at dawn", negativePrompt: "people", seed: 5 });
    expect(Object.keys(workflow).toSorted()).toEqual(Object.keys(expected).toSorted());
    expect(workflow).toMatchObject(expected);
  });

  verifies(["wan/typed"], "every field of a request reaches its node", async () => {
    const workflow = await received({
      ...{ prompt: "a lake", negative_prompt: "fog", width: 832, height: 480, frames: 49, fps: 24 },
      ...{ steps: 10, cfg: 4.5, seed: 77, variant: "20-step", loras: [{ ...fastLoras, strength: 0.5 }] },
    });
    const sampling = { steps: 10, cfg: 4.5 };
    expect(workflow).toMatchObject({
      91: { inputs: { text: "fog" } },
      93: { inputs: { shift: 8, model: ["200", 0] } },
      94: { inputs: { shift: 8, model: ["300", 0] } },
      95: { inputs: { ...sampling, noise_seed: 0, start_at_step: 5, end_at_step: 10_000 } },
      96: { inputs: { ...sampling, noise_seed: 77, start_at_step: 0, end_at_step: 5 } },
      99: { inputs: { text: "a lake" } },
      100: { inputs: { fps: 24 } },
      104: { inputs: { width: 832, height: 480, length: 49, batch_size: 1 } },
      200: lora(fastLoras.high, "101", 0.5),
      300: lora(fastLoras.low, "102", 0.5),
    });
    expect(await received({ prompt: "a lake", seconds: 2, fps: 24 })).toMatchObject({
      100: { inputs: { fps: 24 } },
      104: { inputs: { length: 49 } },
    });
  });

  verifies(["wan/variants"], "the variant of four steps brings its LoRAs, and others go behind them", async () => {
    const workflow = await received({ prompt: "a lake", variant: "4-step", loras: [{ high: fastLoras.low }] });
    const sampling = { steps: 4, cfg: 1 };
    expect(workflow).toMatchObject({
      93: { inputs: { shift: 5, model: ["201", 0] } },
      94: { inputs: { shift: 5, model: ["300", 0] } },
      95: { inputs: { ...sampling, start_at_step: 2, end_at_step: 10_000 } },
      96: { inputs: { ...sampling, start_at_step: 0, end_at_step: 2 } },
      200: lora(fastLoras.high, "101"),
      201: lora(fastLoras.low, "200"),
      300: lora(fastLoras.low, "102"),
    });
    expect(Object.keys(workflow)).not.toContain("301");
  });

  verifies(["typed/seed"], "a seed of 64 bits arrives as it was sent, as digits or as a number", async () => {
    const largest = 2n ** 64n - 1n;
    expect(await received({ prompt: "a lake", seed: String(largest) })).toMatchObject({
      96: { inputs: { noise_seed: largest } },
    });
    const body = JSON.stringify({
      auth_data: under.worker.authData(),
      payload: { input: { prompt: "a lake", seed: 0 } },
    });
    const answer = await under.worker.post("/generate/sync", body.replace('"seed":0', '"seed":9007199254740993'));
    expect(answer.status).toBe(200);
    expect(under.comfyui.jobs.at(-1)?.workflow).toMatchObject({
      96: { inputs: { noise_seed: 9_007_199_254_740_993n } },
    });
    const [one, other] = [await received({ prompt: "a lake" }), await received({ prompt: "a lake" })];
    expect(one["96"]).not.toEqual(other["96"]);
    expect({ ...one, 96: {} }).toEqual({ ...other, 96: {} });
  });

  verifies(["wan/routes"], "/generate/sync answers with an MP4, for fields and for a workflow", async () => {
    const typed = await generate(under.worker, {}, { prompt: "a lake", return_outputs_as_base64: true });
    const free = await generate(under.worker, wanWorkflow({ prompt: "a sea", negativePrompt: "", seed: 9 }), {
      return_outputs_as_base64: true,
    });
    for (const { body, status } of [typed, free]) {
      expect(status).toBe(200);
      expect(body.output).toHaveLength(1);
      const [film] = body.output;
      expect(film?.mimetype).toBe("video/mp4");
      expect(isMp4(Buffer.from(film?.data ?? "", "base64"))).toBe(true);
      await expectFilm(film);
    }
  });

  verifies(["wan/routes"], "/generate/stream tells of the steps, and ends with the MP4", async () => {
    const requests = [
      [{}, { prompt: "a lake", steps: 12 }],
      [wanWorkflow({ prompt: "a lake", negativePrompt: "", seed: Date.now(), steps: 12 }), {}],
    ] as const;
    for (const [workflow, typed] of requests) {
      const events = await readEvents(under.worker, workflow, typed);
      expect(events[0]?.status).toBe("queued");
      expect(events.some(({ progress }) => progress?.max === 6)).toBe(true);
      const last = events.at(-1);
      expect(last).toMatchObject({ status: "final_result", result: { status: "completed" } });
      await expectFilm(last?.result?.output[0]);
    }
  });

  verifies(["wan/routes"], "/generate answers at once, and the MP4 is there when it is asked about", async () => {
    const requests = [
      [{}, { prompt: "a lake" }],
      [wanWorkflow({ prompt: "a lake", negativePrompt: "", seed: Date.now() }), {}],
    ] as const;
    for (const [workflow, typed] of requests) {
      const id = await generateLater(under.worker, workflow, typed);
      await inStatus(under.worker, id, "completed");
      await expectFilm((await resultOf(under.worker, id)).body.output[0]);
    }
  });

  verifies(["typed/faults"], "what is wrong is named by its field, with the nearest value that would do", async () => {
    const before = under.comfyui.jobs.length;
    const cases: [typed: Record<string, unknown>, field: string, words: string][] = [
      [{ prompt: " " }, "prompt", "expected a text"],
      [{ width: 641 }, "width", "use 640 or 656"],
      [{ width: 2000 }, "width", "use 1280"],
      [{ height: 719 }, "height", "use 720 or 704"],
      [{ width: 1280, height: 736 }, "height", "use a height of at most 720"],
      [{ frames: 80 }, "frames", "use 81 or 77"],
      [{ frames: 125 }, "frames", "use 121"],
      [{ seconds: 8 }, "seconds", "use 7.5"],
      [{ seconds: 5, frames: 81 }, "seconds", "not both"],
      [{ fps: 0 }, "fps", "use 1"],
      [{ steps: 1 }, "steps", "use 2"],
      [{ steps: 51 }, "steps", "use 50"],
      [{ cfg: 101 }, "cfg", "100"],
      [{ seed: -1 }, "seed", "expected a whole number"],
      [{ seed: "18446744073709551616" }, "seed", "18446744073709551615"],
      [{ variant: "8-step" }, "variant", "4-step"],
      [{ loras: [{ strength: 1 }] }, "loras.0", "expected `name`"],
    ];
    for (const [typed, field, words] of cases) {
      const { body, status } = await generate(under.worker, {}, { prompt: "a lake", ...typed });
      expect({ typed, status, body }).toEqual({
        typed,
        status: 422,
        body: { payload: { [`input.${field}`]: expect.stringContaining(words) } },
      });
    }
    expect(under.comfyui.jobs).toHaveLength(before);
  });

  verifies(["typed/unknown"], "a field that isn't known is named, with those that are", async () => {
    const { body, status } = await generate(under.worker, {}, { prompt: "a lake", widht: 640 });
    expect({ status, body }).toEqual({
      status: 422,
      body: { payload: { input: expect.stringMatching(/^unknown "widht"; known: prompt, .*\bwidth, height, /) } },
    });
  });

  verifies(["typed/exclusive"], "fields and a workflow together are refused", async () => {
    const workflow = wanWorkflow({ prompt: "a sea", negativePrompt: "", seed: 1 });
    const { body, status } = await generate(under.worker, workflow, { prompt: "a lake" });
    expect({ status, body }).toEqual({
      status: 422,
      body: { payload: { input: "workflow_json and prompt exclude each other: give one of them" } },
    });
  });

  verifies(["wan/lora"], "a LoRA that ComfyUI hasn't is named, with those that it has", async () => {
    const { body, status } = await generate(
      under.worker,
      {},
      { prompt: "a lake", loras: [{ name: "mine.safetensors" }] },
    );
    const fault = { class_type: "LoraLoaderModelOnly", field: "lora_name", allowed: [fastLoras.high, fastLoras.low] };
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        status: "failed",
        error: {
          nodes: [
            { node_id: "200", ...fault },
            { node_id: "300", ...fault },
          ],
        },
      },
    });
  });
});
