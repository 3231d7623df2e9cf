import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type S3Server, startS3Server } from "@pyworker/testing";
import { uploadInParts } from "./upload-in-parts.ts";

let bucket: S3Server;
let client: sdk.S3Client;

beforeEach(async () => {
  bucket = await startS3Server();
  client = new sdk.S3Client({
    region: "us-east-1",
    endpoint: bucket.url,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: bucket.accessKeyId, secretAccessKey: bucket.secretAccessKey },
  });
});
afterEach(async () => {
  client.destroy();
  await bucket.stop();
});

const megabyte = 1024 * 1024;

/** Bytes none of which is at its place by chance. */
const content = Buffer.from(Array.from({ length: 4 * megabyte }, (_, index) => (index * 7 + (index >> 8)) & 255));

const upload = (body: Readable): Promise<void> =>
  uploadInParts({
    ...{ sdk, client, body, contentType: "text/plain", signal: new AbortController().signal },
    place: { Bucket: bucket.bucket, Key: "file" },
  });

async function uploaded(): Promise<Buffer> {
  const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket.bucket, Key: "file" }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test.each([1, 4999, 700_001, 4 * megabyte])("takes a body in chunks of %i bytes, in order", async (size) => {
  const whole = size === 1 ? content.subarray(0, 5000) : Buffer.concat([content, content, content, content]);
  await upload(
    Readable.from(
      (function* () {
        for (let start = 0; start < whole.length; start += size) {
          yield whole.subarray(start, start + size);
        }
      })(),
    ),
  );
  expect((await uploaded()).equals(whole)).toBe(true);
  const parts = bucket.requests.filter((request) => request.includes("partNumber="));
  expect(parts).toHaveLength(size === 1 ? 0 : 4);
});

test("takes texts, and no body at all", async () => {
  await upload(Readable.from(["a ", "text"]));
  expect(String(await uploaded())).toBe("a text");
  await upload(Readable.from([]));
  expect(await uploaded()).toHaveLength(0);
});

test("takes back what it has sent where the body breaks off", async () => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.alloc(11 * megabyte);
      throw new Error("broken off");
    })(),
  );
  await expect(upload(broken)).rejects.toThrow("broken off");
  expect(bucket.requests.at(-1)).toMatch(/^DELETE .*uploadId=/);
  await expect(uploaded()).rejects.toThrow(/NoSuchKey|does not exist/);
});
