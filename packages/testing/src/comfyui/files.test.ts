import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { sizeOfPng } from "../media/solid-png.ts";
import { cleanUp, folder, image, node, picture, read, run, start } from "./comfyui.test.fixture.ts";
import type { ComfyuiServer } from "./comfyui-server.ts";
import { bigFileChunks } from "./nodes/stand-in-nodes.ts";

afterEach(cleanUp);

const view = ({ url }: ComfyuiServer, query: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/view?${query}`, { headers });

const upload = async (
  { url }: ComfyuiServer,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
) => {
  const form = new FormData();
  form.set(fields.field ?? "image", new File([content], fields.name ?? "in.png"));
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, value);
  }
  return read<unknown>(await fetch(`${url}/upload/image`, { method: "POST", body: form }));
};

describe("what nodes write", () => {
  const frames = { "1": image({ batch_size: 2 }) };
  const video = { "2": node("CreateVideo", { images: ["1", 0], fps: 8 }) };
  const audio = { "1": node("EmptyAudio", { duration: 1, sample_rate: 44100, channels: 2 }) };
  const of = (source: string, filename_prefix: string) => ({ images: [source, 0], filename_prefix });
  const webp = { fps: 6, lossless: true, quality: 80, method: "default" };
  const combine = { frame_rate: 8, loop_count: 0, pingpong: false, save_output: true };
  const file = (filename: string, subfolder = "") => ({ filename, subfolder, type: "output" });
  const kinds: [name: string, prompt: object, ui: object, contentType: string, magic: RegExp][] = [
    [
      "SaveImage",
      { ...frames, "9": node("SaveImage", of("1", "a/b/x")) },
      { images: [file("x_00001_.png", "a/b"), file("x_00002_.png", "a/b")] },
      "image/png",
      /^\x89PNG/,
    ],
    [
      "SaveAnimatedWEBP",
      { ...frames, "9": node("SaveAnimatedWEBP", { ...of("1", "x"), ...webp }) },
      { images: [file("x_00001_.webp")], animated: [true] },
      "image/webp",
      /^RIFF....WEBPVP8X/s,
    ],
    [
      "SaveVideo",
      {
        ...frames,
        ...video,
        "9": node("SaveVideo", { video: ["2", 0], filename_prefix: "video/ComfyUI", format: "auto", codec: "auto" }),
      },
      { images: [file("ComfyUI_00001_.mp4", "video")], animated: [true] },
      "video/mp4",
      /^....ftypisom/s,
    ],
    [
      "SaveWEBM",
      { ...frames, "9": node("SaveWEBM", { ...of("1", "x"), codec: "vp9", fps: 24, crf: 32 }) },
      { images: [file("x_00001_.webm")], animated: [true] },
      "video/webm",
      /^.E\xdf\xa3/,
    ],
    [
      "SaveAudio",
      { ...audio, "9": node("SaveAudio", { audio: ["1", 0], filename_prefix: "audio/x" }) },
      { audio: [file("x_00001_.flac", "audio")] },
      "audio/flac",
      /^fLaC/,
    ],
    [
      "SaveAudioMP3",
      { ...audio, "9": node("SaveAudioMP3", { audio: ["1", 0], filename_prefix: "x", quality: "V0", audioUI: "" }) },
      { audio: [file("x_00001_.mp3")] },
      "audio/mpeg",
      /^(ID3|\xff[\xf2-\xfb])/,
    ],
    [
      "SaveAudioOpus",
      { ...audio, "9": node("SaveAudioOpus", { audio: ["1", 0], filename_prefix: "x", quality: "128k" }) },
      { audio: [file("x_00001_.opus")] },
      "audio/opus",
      /^OggS.*OpusHead/s,
    ],
    [
      "VHS_VideoCombine",
      { ...frames, "9": node("VHS_VideoCombine", { ...of("1", "AnimateDiff"), ...combine, format: "video/h264-mp4" }) },
      {
        gifs: [
          {
            ...file("AnimateDiff_00001.mp4"),
            format: "video/h264-mp4",
            frame_rate: 8,
            workflow: "AnimateDiff_00001.png",
          },
        ],
      },
      "video/mp4",
      /^....ftypisom/s,
    ],
  ];
  test.each(kinds)("%s", async (_name, prompt, ui, contentType, magic) => {
    const server = await start();
    const { outputs } = await run(server, prompt);
    expect(outputs["9"]).toMatchObject(ui);
    const [first] = Object.values(ui).flat();
    const response = await view(server, new URLSearchParams(first).toString());
    expect(response.headers.get("content-type")).toBe(contentType);
    expect(Buffer.from(await response.arrayBuffer()).toString("latin1")).toMatch(magic);
  });

  test("differs where the inputs do, and numbers go up", async () => {
    const server = await start();
    await run(server, picture({ color: 1 }));
    await run(server, picture({ color: 2, width: 640, height: 360 }));
    const [one, two] = await Promise.all(
      ["ComfyUI_00001_.png", "ComfyUI_00002_.png"].map(async (name) =>
        Buffer.from(await (await view(server, `filename=${name}`)).arrayBuffer()),
      ),
    );
    expect(one && sizeOfPng(one)).toEqual({ width: 32, height: 16 });
    expect(two && sizeOfPng(two)).toEqual({ width: 640, height: 360 });
  });

  test("lies in a folder of the test's where there is one, previews beside", async () => {
    const outputFolder = await folder();
    const server = await start({ outputFolder });
    const prompt = { ...picture(), "3": node("PreviewImage", { images: ["1", 0] }) };
    const { outputs } = await run(server, prompt);
    expect(await readdir(outputFolder)).toEqual(["ComfyUI_00001_.png"]);
    expect(outputs["3"]).toMatchObject({
      images: [{ type: "temp", subfolder: "", filename: expect.stringMatching(/^ComfyUI_temp_[a-z]{5}_00001_\.png$/) }],
    });
  });

  test("may be a text", async () => {
    const { outputs } = await run(await start(), { "1": node("StandInText", { text: "a cat" }) });
    expect(outputs).toEqual({ "1": { text: ["a cat"] } });
  });

  test("stays within its folder", async () => {
    const item = await run(await start(), picture({}, "../../elsewhere"));
    expect(item.status).toMatchObject({
      status_str: "error",
      messages: [{}, {}, ["execution_error", { node_id: "2" }]],
    });
  });

  test("may be large, and the same each time", async () => {
    const server = await start();
    const { outputs } = await run(server, {
      "1": node("StandInBigFile", { megabytes: 20, filename_prefix: "big", seed: 7 }),
    });
    expect(outputs["1"]).toEqual({ files: [file("big_00001_.bin")] });
    const response = await view(server, "filename=big_00001_.bin");
    const [got, wanted] = [createHash("sha256"), createHash("sha256")];
    for await (const chunk of response.body ?? []) {
      got.update(chunk);
    }
    for (const chunk of bigFileChunks(20, 7)) {
      wanted.update(chunk);
    }
    expect(response.headers.get("content-length")).toBe(String(20 * 1024 * 1024));
    expect(got.digest("hex")).toBe(wanted.digest("hex"));
  });
});

describe("GET /view", () => {
  test("sends a part where a part is asked for", async () => {
    const server = await start();
    await run(server, picture());
    const whole = Buffer.from(await (await view(server, "filename=ComfyUI_00001_.png")).arrayBuffer());
    const part = await view(server, "filename=ComfyUI_00001_.png", { range: "bytes=1-3" });
    expect([part.status, await part.text()]).toEqual([206, "PNG"]);
    expect(part.headers.get("content-range")).toBe(`bytes 1-3/${whole.length}`);
    const end = await view(server, "filename=ComfyUI_00001_.png", { range: "bytes=-8" });
    expect(Buffer.from(await end.arrayBuffer())).toEqual(whole.subarray(-8));
    expect((await view(server, "filename=ComfyUI_00001_.png", { range: "bytes=99999-" })).status).toBe(416);
  });

  test("tells the head alone where that is asked for", async () => {
    const server = await start();
    await run(server, picture());
    const whole = Buffer.from(await (await view(server, "filename=ComfyUI_00001_.png")).arrayBuffer());
    const head = await fetch(`${server.url}/view?filename=ComfyUI_00001_.png`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("content-type")).toBe("image/png");
    expect(head.headers.get("content-length")).toBe(String(whole.length));
  });

  test.each([
    ["", 404],
    ["filename=none.png", 404],
    ["filename=../x.png", 400],
    ["filename=/x.png", 400],
    ["filename=x.png&type=elsewhere", 400],
    ["filename=x.png&subfolder=../..", 403],
  ])("answers %s with %i", async (query, status) => {
    expect((await view(await start(), query)).status).toBe(status);
  });
});

describe("POST /upload/image", () => {
  test("keeps a file, under another name where its own is taken by another", async () => {
    const server = await start();
    const named = (name: string, subfolder = "") => ({ status: 200, body: { name, subfolder, type: "input" } });
    expect(await upload(server, "one")).toMatchObject(named("in.png"));
    expect(await upload(server, "one")).toMatchObject(named("in.png"));
    expect(await upload(server, "two")).toMatchObject(named("in (1).png"));
    expect(await upload(server, "three", { overwrite: "true" })).toMatchObject(named("in.png"));
    expect(await upload(server, "four", { subfolder: "mine" })).toMatchObject(named("in.png", "mine"));
    expect(server.uploads).toEqual(["in (1).png", "in.png", "mine/in.png"]);
    expect(await (await view(server, "filename=in.png&type=input")).text()).toBe("three");
    expect((await upload(server, "x", { field: "file" })).status).toBe(400);
    expect((await upload(server, "x", { subfolder: "../.." })).status).toBe(400);
  });

  test("feeds a node, which is made again when the file's content is another", async () => {
    const server = await start();
    const prompt = {
      "1": node("LoadImage", { image: "in.png" }),
      "2": node("SaveImage", { images: ["1", 0], filename_prefix: "x" }),
    };
    await run(server, picture());
    const source = new Uint8Array(await (await view(server, "filename=ComfyUI_00001_.png")).arrayBuffer());
    await upload(server, source);
    await run(server, prompt);
    const copy = Buffer.from(await (await view(server, "filename=x_00001_.png")).arrayBuffer());
    expect(sizeOfPng(copy)).toEqual({ width: 32, height: 16 });
    await upload(server, "another", { overwrite: "1" });
    await run(server, prompt);
    expect(server.jobs.at(-1)?.executedNodes).toEqual(["1", "2"]);
  });
});
