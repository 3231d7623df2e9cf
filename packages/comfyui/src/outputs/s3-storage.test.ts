import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type S3Server, startProcess, startS3Server, until } from "@pyworker/testing";
import { type ComfyHttp, createComfyHttp } from "../comfy/comfy-http.ts";
import { JobError } from "../jobs/job-error.ts";
import type { FoundOutput } from "./collect-outputs.ts";
import { contents } from "./contents.test.fixture.ts";
import { type DeliveryOptions, deliverOutputs } from "./deliver-outputs.ts";
import { readS3Settings, type S3Request } from "./s3-settings.ts";
import { createS3Storage, type EndpointGuard, type S3Storage } from "./s3-storage.ts";
import { startViewServer, type ViewServer } from "./view-server.test.fixture.ts";

let server: ViewServer;
let comfy: ComfyHttp;
let bucket: S3Server;
let storages: S3Storage[];

beforeEach(async () => {
  server = await startViewServer();
  comfy = createComfyHttp(server.url);
  bucket = await startS3Server();
  storages = [];
});
afterEach(async () => {
  await Promise.all(storages.map((storage) => storage.stop()));
  await comfy.stop();
  await server.stop();
  await bucket.stop();
});

const megabyte = 1024 * 1024;
const found = (filename: string, place: Partial<FoundOutput> = {}): FoundOutput => ({
  filename,
  subfolder: "",
  type: "output",
  nodeId: "9",
  outputType: "images",
  ...place,
});

const account = (): S3Request => ({
  access_key_id: bucket.accessKeyId,
  secret_access_key: bucket.secretAccessKey,
  endpoint_url: bucket.url,
  bucket_name: bucket.bucket,
  connect_attempts: 1,
});

/** The storage that a request and an environment amount to. */
function storageOf(request: S3Request | undefined, environment = {}, guard: EndpointGuard = {}): S3Storage {
  const settings = readS3Settings(request, environment);
  if (settings === undefined) {
    throw new Error("S3 is off");
  }
  const storage = createS3Storage(settings, guard);
  storages.push(storage);
  return storage;
}

const deliver = (files: readonly FoundOutput[], options: Partial<DeliveryOptions> = {}) =>
  deliverOutputs(files, {
    comfy,
    requestId: "job-1",
    comfyFolder: "/workspace/ComfyUI",
    asBase64: false,
    base64MaxBytes: 10 * megabyte,
    s3: options.s3 ?? storageOf(account()),
    signal: new AbortController().signal,
    ...options,
  });

async function fetchBack(url: string | undefined): Promise<{ content: Buffer; type: string | null }> {
  const answer = await fetch(url ?? "");
  expect(answer.status).toBe(200);
  return { content: Buffer.from(await answer.arrayBuffer()), type: answer.headers.get("content-type") };
}

describe("an uploaded file", () => {
  test.each([
    ["ComfyUI_00001_.png", contents.png, "image/png"],
    ["ComfyUI_00001_.mp4", contents.mp4, "video/mp4"],
    ["ComfyUI_00001_.mp3", contents.taggedMp3, "audio/mpeg"],
    ["scene.glb", contents.glb, "model/gltf-binary"],
    ["a name with spaces & ümlauts +%.txt", contents.text, "text/plain"],
    ["empty.txt", Buffer.alloc(0), "text/plain"],
    // No more than one part, exactly two parts, and two parts with a little more.
    ["one-part.bin", Buffer.alloc(5 * megabyte, "one"), "application/octet-stream"],
    ["two-parts.bin", Buffer.alloc(10 * megabyte, "two"), "application/octet-stream"],
    ["three-parts.bin", Buffer.alloc(10 * megabyte + 1, "three"), "application/octet-stream"],
  ])("is byte by byte what its presigned URL gives: %s", async (filename, content, mimetype) => {
    server.files.set(filename, content);
    const { items } = await deliver([found(filename)]);
    expect(items).toMatchObject([{ filename, mimetype, url: expect.stringContaining("X-Amz-Expires=604800") }]);
    expect(new URL(items[0]?.url ?? "").pathname).toBe(`/outputs/job-1/${encodeURIComponent(filename)}`);
    const back = await fetchBack(items[0]?.url);
    expect(back.type).toBe(mimetype);
    expect(back.content.equals(content)).toBe(true);
  });

  test("is reached with its presigned URL as it is, and not with another's", async () => {
    server.files.set("a.png", contents.png).set("b.png", contents.jpeg);
    const { items } = await deliver([found("a.png"), found("b.png")]);
    const forged = new URL(items[0]?.url ?? "");
    forged.pathname = forged.pathname.replace("a.png", "b.png");
    expect((await fetch(forged)).status).toBe(403);
  });

  test("does not take the place of another of the same name", async () => {
    server.files.set("x/a.png", contents.png).set("y/a.png", contents.jpeg);
    const { items } = await deliver([found("a.png", { subfolder: "x" }), found("a.png", { subfolder: "y" })]);
    expect(items.map(({ url }) => new URL(url ?? "").pathname)).toEqual([
      "/outputs/job-1/x/a.png",
      "/outputs/job-1/y/a.png",
    ]);
    expect((await fetchBack(items[0]?.url)).content.equals(contents.png)).toBe(true);
    expect((await fetchBack(items[1]?.url)).content.equals(contents.jpeg)).toBe(true);
  });

  test("comes as base64 too, where both are asked for, and is fetched from ComfyUI once", async () => {
    server.files.set("a.png", contents.png);
    const { items } = await deliver([found("a.png")], { asBase64: true });
    expect(items[0]?.data).toBe(contents.png.toString("base64"));
    expect((await fetchBack(items[0]?.url)).content.equals(contents.png)).toBe(true);
    expect(server.ranges).toHaveLength(1);
  });

  test("has its URL even where it is too large for base64", async () => {
    const content = Buffer.alloc(2000, "x");
    server.files.set("a.txt", content);
    const { items } = await deliver([found("a.txt")], { asBase64: true, base64MaxBytes: 1000 });
    expect(items).toMatchObject([{ error: expect.stringContaining("2000 bytes") }]);
    expect((await fetchBack(items[0]?.url)).content.equals(content)).toBe(true);
  });
});

test("the environment's account does where the request's fields are empty", async () => {
  server.files.set("a.png", contents.png);
  const empty = { access_key_id: "", secret_access_key: "", endpoint_url: "", bucket_name: "", region: "" };
  const s3 = storageOf(empty, {
    S3_ACCESS_KEY_ID: bucket.accessKeyId,
    S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    S3_BUCKET_NAME: bucket.bucket,
    S3_ENDPOINT_URL: bucket.url,
    S3_REGION: "auto",
  });
  const { items } = await deliver([found("a.png")], { s3 });
  expect(items[0]?.url).toContain("%2Fauto%2Fs3%2F");
  expect((await fetchBack(items[0]?.url)).content.equals(contents.png)).toBe(true);
});

describe("an upload that fails is told on its item", () => {
  test.each([
    ["a wrong secret", { secret_access_key: "wrong" }, "SignatureDoesNotMatch"],
    ["an unknown key", { access_key_id: "nobody" }, "InvalidAccessKeyId"],
    ["an unknown bucket", { bucket_name: "nowhere" }, "NoSuchBucket"],
    ["nobody there", { endpoint_url: "http://127.0.0.1:1" }, "ECONNREFUSED"],
  ])("%s", async (_, wrong, reason) => {
    server.files.set("a.png", contents.png).set("large.bin", Buffer.alloc(6 * megabyte));
    const s3 = storageOf({ ...account(), ...wrong });
    const { items, missing } = await deliver([found("a.png"), found("large.bin")], { s3, asBase64: true });
    expect(missing).toEqual([]);
    for (const item of items) {
      expect(item.upload_error).toContain(reason);
      expect(item).not.toHaveProperty("url");
      expect(item.data).toBeDefined();
    }
  });

  test("a file that ComfyUI breaks off, of which nothing stays in the bucket", async () => {
    server.files.set("broken.bin", (response) => {
      response.writeHead(200, { "content-length": 20 * megabyte });
      response.write(Buffer.alloc(12 * megabyte), () => response.destroy());
    });
    const { items } = await deliver([found("broken.bin")]);
    expect(items).toMatchObject([{ upload_error: expect.any(String) }]);
    expect(bucket.requests.filter((request) => request.startsWith("DELETE"))).toHaveLength(1);
    expect(bucket.requests.at(-1)).toMatch(/^DELETE \/outputs\/job-1\/broken\.bin\?uploadId=/);
  });
});

test("a job that is cancelled takes back what it has begun to upload", async () => {
  let left = false;
  server.files.set("slow.bin", (response) => {
    response.writeHead(200, { "content-length": 20 * megabyte });
    response.write(Buffer.alloc(6 * megabyte));
    response.on("close", () => {
      left = true;
    });
  });
  const cancel = new AbortController();
  const delivered = deliver([found("slow.bin")], { signal: cancel.signal });
  await until(() => bucket.requests.some((request) => request.includes("partNumber=1")));
  cancel.abort(new Error("the client has left"));
  await expect(delivered).rejects.toThrow("the client has left");
  expect(bucket.requests.at(-1)).toMatch(/^DELETE \/outputs\/job-1\/slow\.bin\?uploadId=/);
  await until(() => left);
});

describe("an endpoint that a request has chosen", () => {
  const refuse = (url: URL) => {
    throw new JobError({ type: "invalid_input", message: `${url.hostname} is a private address` });
  };

  test("is checked before anything is sent to it", async () => {
    server.files.set("a.png", contents.png);
    const s3 = storageOf(account(), {}, { checkEndpoint: refuse });
    await expect(s3.prepare()).rejects.toMatchObject({ fault: { message: "127.0.0.1 is a private address" } });
    const { items } = await deliver([found("a.png")], { s3 });
    expect(items).toMatchObject([{ upload_error: expect.stringContaining("private address") }]);
    expect(bucket.requests).toEqual([]);
  });

  test("is resolved by the guard's own lookup, whose refusal is the upload's failure", async () => {
    server.files.set("a.png", contents.png);
    const asked: string[] = [];
    const s3 = storageOf(
      { ...account(), endpoint_url: "http://storage.invalid:9000" },
      {},
      {
        lookup: (hostname, _, callback) => {
          asked.push(hostname);
          callback(new Error(`${hostname} is a private address`), "");
        },
      },
    );
    const { items } = await deliver([found("a.png")], { s3 });
    expect(items).toMatchObject([{ upload_error: expect.stringContaining("storage.invalid is a private address") }]);
    expect(asked).toContain("storage.invalid");
  });

  test("is the operator's own business where the environment names it", async () => {
    server.files.set("a.png", contents.png);
    const environment = { S3_ENDPOINT_URL: bucket.url };
    const { items } = await deliver([found("a.png")], {
      s3: storageOf(account(), environment, { checkEndpoint: refuse }),
    });
    expect(items[0]?.url).toBeDefined();
  });
});

test("200 MB pass through less than 50 MB of memory", async () => {
  const size = 200 * megabyte;
  const sent = createHash("sha256");
  server.files.set("small.bin", Buffer.alloc(1000)).set("large.bin", (response) => sendBytes(response, size));
  const child = startProcess({
    command: process.execPath,
    args: [
      "--expose-gc",
      "--conditions=@pyworker/source",
      fileURLToPath(new URL("./deliver-large.test.fixture.ts", import.meta.url)),
      ...[server.url, "small.bin", "large.bin"],
    ],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: {
      PATH: process.env.PATH,
      S3_ACCESS_KEY_ID: bucket.accessKeyId,
      S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
      S3_BUCKET_NAME: bucket.bucket,
      S3_ENDPOINT_URL: bucket.url,
    },
  });
  expect([await child.exited, child.output()]).toEqual([0, expect.stringMatching(/^\{.*\}$/)]);
  const { before, item, most } = JSON.parse(child.output());
  expect(most - before).toBeLessThan(50 * megabyte);

  const received = createHash("sha256");
  const answer = await fetch(item.url);
  expect(answer.headers.get("content-length")).toBe(String(size));
  for await (const chunk of answer.body ?? []) {
    received.update(chunk);
  }
  expect(received.digest("hex")).toBe(sent.digest("hex"));

  async function sendBytes(response: ServerResponse, length: number): Promise<void> {
    response.writeHead(200, { "content-length": length });
    await pipeline(Readable.from(bytes(length)), response);
  }

  function* bytes(length: number) {
    const block = Buffer.alloc(64 * 1024);
    for (let start = 0; start < length; start += block.length) {
      block.writeUInt32BE(start);
      sent.update(block);
      yield Buffer.from(block);
    }
  }
}, 60_000);
