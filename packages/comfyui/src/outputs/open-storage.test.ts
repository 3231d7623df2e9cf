import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type S3Server, startS3Server } from "@pyworker/testing";
import { JobError } from "../jobs/job-error.ts";
import { createGuard } from "../net/create-guard.ts";
import { openStorage } from "./open-storage.ts";
import type { S3Request } from "./s3-settings.ts";

let bucket: S3Server;

beforeEach(async () => {
  bucket = await startS3Server();
});
afterEach(() => bucket.stop());

const port = () => new URL(bucket.url).port;
const account = (endpoint_url: string): S3Request => ({
  access_key_id: bucket.accessKeyId,
  secret_access_key: bucket.secretAccessKey,
  endpoint_url,
  bucket_name: bucket.bucket,
  connect_attempts: 1,
});

const environment = () => ({
  S3_ACCESS_KEY_ID: bucket.accessKeyId,
  S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  S3_ENDPOINT_URL: bucket.url,
  S3_BUCKET_NAME: bucket.bucket,
});

/** The outcome of an upload to wherever a request and an environment lead. */
async function upload(request: S3Request | undefined, allowedHosts: string[], environment = {}): Promise<string> {
  const storage = await openStorage(request, { environment, guard: createGuard({ allowedHosts }) });
  if (storage === undefined) {
    return "nowhere";
  }
  const signal = new AbortController().signal;
  try {
    return await storage.upload("a.txt", { body: Readable.from(["hello"]), contentType: "text/plain", signal });
  } finally {
    await storage.stop();
  }
}

test.each(["127.0.0.1", "localhost"])("uploads to %s where the request says so and it is allowed", async (host) => {
  const url = await upload(account(`http://${host}:${port()}`), [`${host}:${port()}`]);
  expect(await (await fetch(url)).text()).toBe("hello");
});

test("refuses an address of the inside before anything is done", async () => {
  const opening = openStorage(account(bucket.url), { environment: {}, guard: createGuard() });
  const error = await opening.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(JobError);
  expect(error).toMatchObject({
    status: 400,
    fault: {
      type: "invalid_input",
      message: "s3.endpoint_url: 127.0.0.1 is at an address that is not allowed (loopback)",
    },
  });
});

test("reaches no address of the inside by its name, nor another port of an allowed host", async () => {
  await expect(upload(account(`http://localhost:${port()}`), ["localhost:1"])).rejects.toThrow(/not allowed/);
  expect(bucket.requests).toEqual([]);
});

test("trusts the environment's own endpoint", async () => {
  expect(await upload(undefined, [], environment())).toContain(`${bucket.url}/outputs/a.txt`);
});

test("is nothing where nobody asks for it, or a request asks for none", async () => {
  expect(await upload(undefined, [])).toBe("nowhere");
  expect(await openStorage(false, { environment: environment(), guard: createGuard() })).toBeUndefined();
});
