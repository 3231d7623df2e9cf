import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { type ComfyHttp, createComfyHttp } from "../comfy/comfy-http.ts";
import type { FoundOutput } from "./collect-outputs.ts";
import { contents } from "./contents.test.fixture.ts";
import { type DeliveryOptions, deliverOutputs } from "./deliver-outputs.ts";
import { startViewServer, type ViewServer } from "./view-server.test.fixture.ts";

let server: ViewServer;
let comfy: ComfyHttp;

beforeEach(async () => {
  server = await startViewServer();
  comfy = createComfyHttp(server.url);
});
afterEach(async () => {
  await comfy.stop();
  await server.stop();
});

const found = (filename: string, place: Partial<FoundOutput> = {}): FoundOutput => ({
  filename,
  subfolder: "",
  type: "output",
  nodeId: "9",
  outputType: "images",
  ...place,
});

const deliver = (files: readonly FoundOutput[], options: Partial<DeliveryOptions> = {}) =>
  deliverOutputs(files, {
    comfy,
    requestId: "job-1",
    comfyFolder: "/workspace/ComfyUI",
    asBase64: false,
    base64MaxBytes: 1000,
    s3: undefined,
    signal: new AbortController().signal,
    ...options,
  });

describe("by path", () => {
  test("an item says where the file is and what it is, whatever it is listed as", async () => {
    server.files.set("video/ComfyUI_00001_.mp4", contents.mp4).set("temp:p.png", contents.png);
    const files = [found("ComfyUI_00001_.mp4", { subfolder: "video" }), found("p.png", { type: "temp" })];
    expect(await deliver(files)).toEqual({
      items: [
        {
          filename: "ComfyUI_00001_.mp4",
          local_path: "/workspace/ComfyUI/output/video/ComfyUI_00001_.mp4",
          type: "output",
          subfolder: "video",
          node_id: "9",
          output_type: "images",
          mimetype: "video/mp4",
        },
        expect.objectContaining({ local_path: "/workspace/ComfyUI/temp/p.png", type: "temp", mimetype: "image/png" }),
      ],
      missing: [],
    });
  });

  test("no more than a file's beginning is fetched", async () => {
    const large = Buffer.concat([contents.webm, Buffer.alloc(1_000_000)]);
    server.files.set("a.webm", large);
    expect((await deliver([found("a.webm")])).items).toMatchObject([{ mimetype: "video/webm" }]);
    expect(server.ranges).toEqual(["bytes=0-4099"]);
  });

  test("an empty file is a file", async () => {
    server.files.set("a.txt", Buffer.alloc(0));
    expect(await deliver([found("a.txt")])).toMatchObject({ items: [{ mimetype: "text/plain" }], missing: [] });
  });

  test("a server that knows no ranges does as well", async () => {
    server.files.set("a.bin", (response) => response.end(Buffer.concat([contents.flac, Buffer.alloc(100_000)])));
    expect((await deliver([found("a.bin")])).items).toMatchObject([{ mimetype: "audio/flac" }]);
  });
});

test("files that ComfyUI no longer has are named, and the others delivered", async () => {
  server.files.set("here.png", contents.png);
  const files = [found("gone.png"), found("here.png"), found("here.png", { subfolder: "elsewhere" })];
  const { items, missing } = await deliver(files);
  expect(items.map(({ filename }) => filename)).toEqual(["here.png"]);
  expect(missing).toEqual([files[0], files[2]]);
});

describe("as base64", () => {
  test("an item has the content and its type", async () => {
    server.files.set("a.gif", contents.gif);
    const { items } = await deliver([found("a.gif")], { asBase64: true });
    expect(items).toMatchObject([{ mimetype: "image/gif", data: contents.gif.toString("base64") }]);
  });

  test("the limit is the last size that passes; beyond it an item says what to do", async () => {
    server.files.set("fits.txt", Buffer.alloc(1000, "x")).set("large.txt", Buffer.alloc(1001, "x"));
    const { items } = await deliver([found("fits.txt"), found("large.txt")], { asBase64: true });
    expect(items[0]?.data).toHaveLength(1336);
    expect(items[1]).toMatchObject({
      mimetype: "text/plain",
      error:
        "the file's 1001 bytes are more than the 1000 that are sent as base64: ask for an upload to S3, fetch it from /view, or raise OUTPUT_BASE64_MAX_BYTES",
    });
    expect(items[1]).not.toHaveProperty("data");
  });

  test("the limit holds where ComfyUI doesn't say how large a file is", async () => {
    let left = false;
    server.files.set("endless.bin", (response) => {
      const pump = () => {
        while (!left && response.write(Buffer.alloc(10_000))) {}
      };
      response.on("close", () => {
        left = true;
      });
      response.on("drain", pump);
      pump();
    });
    const { items } = await deliver([found("endless.bin")], { asBase64: true });
    expect(items).toMatchObject([{ error: expect.stringContaining("more than the 1000") }]);
    await until(() => left);
  });

  test("a file that breaks off halfway is an error of that file", async () => {
    server.files.set("a.png", contents.png).set("broken.bin", (response) => {
      response.writeHead(200, { "content-length": 50_000 });
      response.write(Buffer.alloc(20_000), () => response.destroy());
    });
    const options = { asBase64: true, base64MaxBytes: 1_000_000 };
    const { items, missing } = await deliver([found("broken.bin"), found("a.png")], options);
    expect(items).toMatchObject([
      { error: expect.stringContaining("reading it from ComfyUI broke off") },
      { data: contents.png.toString("base64") },
    ]);
    expect(missing).toEqual([]);
  });
});

test("two files are under way at a time, and the answer keeps their order", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `${index}.txt`);
  for (const [index, name] of names.entries()) {
    // The first of each pair answers after the second.
    server.files.set(name, (response) =>
      index % 2 === 0 ? setTimeout(() => response.end(name), 20) : response.end(name),
    );
  }
  const files = names.map((name) => found(name));
  const { items } = await deliver(files, { asBase64: true });
  expect(items.map(({ data }) => Buffer.from(data ?? "", "base64").toString())).toEqual(names);
  expect(server.mostAtOnce()).toBe(2);
});

test("ComfyUI out of reach is a failure of the job", async () => {
  await server.stop();
  await expect(deliver([found("a.png"), found("b.png")])).rejects.toMatchObject({
    fault: { type: "comfyui_unreachable" },
  });
});

test.each([true, false])("a job that is cancelled fetches no further, as base64: %s", async (asBase64) => {
  let left = false;
  server.files.set("slow.png", (response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write(contents.png.subarray(0, 100));
    response.on("close", () => {
      left = true;
    });
  });
  const cancel = new AbortController();
  const delivered = deliver([found("slow.png"), found("slow.png")], { asBase64, signal: cancel.signal });
  await until(() => server.ranges.length > 0);
  cancel.abort(new Error("the client has left"));
  await expect(delivered).rejects.toThrow("the client has left");
  await until(() => left);
});
