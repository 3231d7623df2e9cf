import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../until.ts";
import { cleanUp, listen, logFile, node, picture, post, run, slow, start } from "./comfyui.test.fixture.ts";
import { comfyuiLogLines } from "./log-lines.ts";

afterEach(cleanUp);

const sampled = { seed: 1, steps: 3, cfg: 4, sampler_name: "euler", scheduler: "simple", denoise: 1 };

const textToImage = {
  "3": node("KSampler", {
    ...sampled,
    model: ["4", 0],
    positive: ["6", 0],
    negative: ["7", 0],
    latent_image: ["5", 0],
  }),
  "4": node("CheckpointLoaderSimple", { ckpt_name: "v1-5-pruned-emaonly-fp16.safetensors" }),
  "5": node("EmptyLatentImage", { width: 512, height: 256, batch_size: 1 }),
  "6": node("CLIPTextEncode", { text: "a cat", clip: ["4", 1] }),
  "7": node("CLIPTextEncode", { text: "", clip: ["4", 1] }),
  "8": node("VAEDecode", { samples: ["3", 0], vae: ["4", 2] }),
  "9": node("SaveImage", { images: ["8", 0], filename_prefix: "ComfyUI" }),
};

const advanced = {
  steps: 20,
  cfg: 3.5,
  sampler_name: "euler",
  scheduler: "simple",
  positive: ["99", 0],
  negative: ["91", 0],
};

const wan = {
  "90": node("CLIPLoader", { clip_name: "umt5_xxl_fp8_e4m3fn_scaled.safetensors", type: "wan", device: "default" }),
  "91": node("CLIPTextEncode", { text: "blurry", clip: ["90", 0] }),
  "92": node("VAELoader", { vae_name: "wan_2.1_vae.safetensors" }),
  "93": node("ModelSamplingSD3", { shift: 8, model: ["101", 0] }),
  "94": node("ModelSamplingSD3", { shift: 8, model: ["102", 0] }),
  "95": node("KSamplerAdvanced", {
    ...advanced,
    add_noise: "disable",
    noise_seed: 0,
    start_at_step: 10,
    end_at_step: 10_000,
    return_with_leftover_noise: "disable",
    model: ["94", 0],
    latent_image: ["96", 0],
  }),
  "96": node("KSamplerAdvanced", {
    ...advanced,
    add_noise: "enable",
    noise_seed: 5,
    start_at_step: 0,
    end_at_step: 10,
    return_with_leftover_noise: "enable",
    model: ["93", 0],
    latent_image: ["104", 0],
  }),
  "97": node("VAEDecode", { samples: ["95", 0], vae: ["92", 0] }),
  "98": node("SaveVideo", { filename_prefix: "video/ComfyUI", format: "auto", codec: "auto", video: ["100", 0] }),
  "99": node("CLIPTextEncode", { text: "a cat", clip: ["90", 0] }),
  "100": node("CreateVideo", { fps: 16, images: ["97", 0] }),
  "101": node("UNETLoader", { unet_name: "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", weight_dtype: "default" }),
  "102": node("UNETLoader", { unet_name: "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors", weight_dtype: "default" }),
  "104": node("EmptyHunyuanLatentVideo", { width: 640, height: 640, length: 81, batch_size: 1 }),
};

const ace = {
  "14": node("TextEncodeAceStepAudio", { tags: "folk", lyrics: "", lyrics_strength: 0.99, clip: ["40", 1] }),
  "17": node("EmptyAceStepLatentAudio", { seconds: 180, batch_size: 1 }),
  "18": node("VAEDecodeAudio", { samples: ["52", 0], vae: ["40", 2] }),
  "40": node("CheckpointLoaderSimple", { ckpt_name: "ace_step_v1_3.5b.safetensors" }),
  "44": node("ConditioningZeroOut", { conditioning: ["14", 0] }),
  "49": node("LatentApplyOperationCFG", { model: ["51", 0], operation: ["50", 0] }),
  "50": node("LatentOperationTonemapReinhard", { multiplier: 1.15 }),
  "51": node("ModelSamplingSD3", { shift: 6, model: ["40", 0] }),
  "52": node("KSampler", {
    ...sampled,
    sampler_name: "er_sde",
    scheduler: "linear_quadratic",
    model: ["49", 0],
    positive: ["14", 0],
    negative: ["44", 0],
    latent_image: ["17", 0],
  }),
  "59": node("SaveAudioMP3", { filename_prefix: "audio/ComfyUI", quality: "V0", audioUI: "", audio: ["18", 0] }),
};

test("a picture of a text has the size of its latent, and tells of its steps", async () => {
  const server = await start();
  const listener = await listen(server);
  const { outputs } = await run(server, textToImage, { client_id: listener.clientId });
  expect(outputs).toEqual({ "9": { images: [{ filename: "ComfyUI_00001_.png", subfolder: "", type: "output" }] } });
  const png = Buffer.from(await (await fetch(`${server.url}/view?filename=ComfyUI_00001_.png`)).arrayBuffer());
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 256]);
  const steps = listener.events.filter(({ type }) => type === "progress").map(({ data }) => [data.node, data.value]);
  expect(steps).toEqual([
    ["3", 1],
    ["3", 2],
    ["3", 3],
  ]);
});

test("Wan's workflow samples in two halves, and its film stands under images", async () => {
  const server = await start();
  const listener = await listen(server);
  const { outputs } = await run(server, wan, { client_id: listener.clientId });
  expect(outputs).toEqual({
    "98": { images: [{ filename: "ComfyUI_00001_.mp4", subfolder: "video", type: "output" }], animated: [true] },
  });
  const steps = listener.events.filter(({ type }) => type === "progress").map(({ data }) => data.node);
  expect(steps).toEqual([...Array(10).fill("96"), ...Array(10).fill("95")]);
});

test("ACE-Step's workflow makes a song", async () => {
  const { outputs } = await run(await start(), ace);
  expect(outputs).toEqual({
    "59": { audio: [{ filename: "ComfyUI_00001_.mp3", subfolder: "audio", type: "output" }] },
  });
});

test("its log says what ComfyUI's says", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  const text = () => readFile(file, "utf8");
  expect((await text()).trimEnd().split("\n").at(-1)).toBe(`To see the GUI go to: http://127.0.0.1:${server.port}`);
  await run(server, picture());
  const bad = { ...textToImage, "4": node("CheckpointLoaderSimple", { ckpt_name: "none.safetensors" }) };
  await post(server, "/prompt", { prompt: bad });
  await run(server, slow({ steps: 1, fail: "oom" }));
  await server.log(...comfyuiLogLines.portInUse(server.port));
  await until(async () => (await text()).split("Prompt executed in").length === 3);
  const lines = (await text()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "got prompt",
      "Failed to validate prompt for output 9:",
      "* CheckpointLoaderSimple 4:",
      expect.stringMatching(/^ {2}- Value not in list: ckpt_name: 'none.safetensors' not in \['ace_step/),
      "Output will be ignored",
      expect.stringMatching(/^invalid prompt: \{/),
      "!!! Exception during processing !!! CUDA out of memory. Tried to allocate 2.00 GiB.",
      "Got an OOM, unloading all loaded models.",
      expect.stringMatching(/^Prompt executed in \d+\.\d\d seconds$/),
    ]),
  );
});
