import { createHash } from "node:crypto";
import { beforeAll, describe, expect } from "@jest/globals";
import type { OutputItem } from "@pyworker/comfyui";
import { bigFileChunks, type S3Server, startS3Server } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { bigFile, fileKinds } from "../harness/comfyui/file-workflows.ts";
import { generate, type JobAnswer } from "../harness/comfyui/job-client.ts";
import { fetchFile } from "../harness/comfyui/sample-files.ts";
import { type ComfyuiUnderTest, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { workflow } from "../harness/comfyui/workflows.ts";
import { memoryGrowth } from "../harness/resident-memory.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const megabyte = 1024 * 1024;
let bucket: S3Server;

beforeAll(async () => {
  bucket = await startS3Server();
  cleanUp(() => bucket.stop());
});

async function start(settings: Partial<Parameters<typeof startComfyuiWorker>[0]> = {}): Promise<ComfyuiUnderTest> {
  const under = await startComfyuiWorker({ mode: "direct", standInOnly: true, ...settings });
  cleanUp(() => under.stop());
  return under;
}

/** The account of the bucket, as a request has it. */
const account = () => ({
  access_key_id: bucket.accessKeyId,
  secret_access_key: bucket.secretAccessKey,
  endpoint_url: bucket.url,
  bucket_name: bucket.bucket,
  region: "",
});

/** The same, as the environment has it. */
const environment = () => ({
  S3_ACCESS_KEY_ID: bucket.accessKeyId,
  S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  S3_ENDPOINT_URL: bucket.url,
  S3_BUCKET_NAME: bucket.bucket,
});

/** What S3 documentation's examples send for "not set". */
const nothing = { access_key_id: "", secret_access_key: "", endpoint_url: "", bucket_name: "", region: "" };

const hostOfBucket = (): string => new URL(bucket.url).host;

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

function onlyFileOf({ body, status }: JobAnswer): OutputItem {
  const [file] = body.output;
  if (status !== 200 || file === undefined || body.output.length !== 1) {
    throw new Error(`expected a job with one file: ${status} ${JSON.stringify(body)}`);
  }
  return file;
}

/** That a file's presigned URL leads to the very bytes that `/view` has. */
async function expectUploaded(worker: WorkerUnderTest, file: OutputItem): Promise<void> {
  const uploaded = await fetch(file.url ?? "");
  expect({ file, status: uploaded.status }).toMatchObject({ status: 200 });
  expect(uploaded.headers.get("content-type")).toBe(file.mimetype);
  const { bytes } = await fetchFile(worker, file);
  expect(bytes.length).toBeGreaterThan(0);
  expect((await bytesOf(uploaded)).equals(bytes)).toBe(true);
}

describe("by the request's account", () => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await start({ env: { FETCH_ALLOWED_HOSTS: hostOfBucket() } });
  });

  verifies(["comfyui/s3", "comfyui/s3-request"], "pictures, films and sounds are uploaded, and come back", async () => {
    for (const kind of fileKinds) {
      const id = `s3-${kind}`;
      const file = onlyFileOf(await generate(under.worker, workflow(kind), { request_id: id, s3: account() }));
      expect(new URL(file.url ?? "").pathname).toBe(`/${bucket.bucket}/${id}/${file.filename}`);
      expect(new URL(file.url ?? "").searchParams.get("X-Amz-Expires")).toBe("604800");
      expect(file.mimetype?.startsWith(kind)).toBe(true);
      await expectUploaded(under.worker, file);
    }
  });

  verifies(
    ["comfyui/s3", "comfyui/base64"],
    "a file is sent as base64 and uploaded too, where both are asked for",
    async () => {
      const wants = { s3: account(), return_outputs_as_base64: true };
      const file = onlyFileOf(await generate(under.worker, workflow("image"), wants));
      await expectUploaded(under.worker, file);
      const uploaded = await bytesOf(await fetch(file.url ?? ""));
      expect(Buffer.from(file.data ?? "", "base64").equals(uploaded)).toBe(true);
    },
  );

  verifies(["comfyui/s3-incomplete"], "half an account is refused by name, before anything is run", async () => {
    const before = under.comfyui.jobs.length;
    const { body, status } = await generate(under.worker, workflow("image"), {
      s3: { ...account(), secret_access_key: "", bucket_name: "" },
    });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { status: "failed", error: { type: "invalid_input" } },
    });
    expect(body.error?.message).toMatch(/secret_access_key.*bucket_name/);
    expect(body.error?.message).not.toMatch(/access_key_id/);
    expect(under.comfyui.jobs).toHaveLength(before);
  });

  verifies(["comfyui/s3-failure"], "an upload that fails is told on its file, and the job is done", async () => {
    const { body, status } = await generate(under.worker, workflow("image"), {
      s3: { ...account(), secret_access_key: "wrong", connect_attempts: 1 },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: "completed", output: [{ upload_error: expect.stringMatching(/SignatureDoesNotMatch/) }] },
    });
    expect(body.output[0]?.url).toBeUndefined();
    expect((await fetchFile(under.worker, body.output[0])).type).toBe("image/png");
  });

  verifies(["comfyui/s3-request"], "empty texts are nothing: then nothing is uploaded", async () => {
    const before = bucket.requests.length;
    const file = onlyFileOf(await generate(under.worker, workflow("image"), { s3: nothing }));
    expect([file.url, file.upload_error]).toEqual([undefined, undefined]);
    expect(bucket.requests).toHaveLength(before);
  });
});

describe("by the environment's account", () => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await start({ env: environment() });
  });

  verifies(["comfyui/s3-environment", "comfyui/s3-guard"], "outputs are uploaded unasked, wherever it is", async () => {
    await expectUploaded(under.worker, onlyFileOf(await generate(under.worker, workflow("image"))));
    await expectUploaded(under.worker, onlyFileOf(await generate(under.worker, workflow("image"), { s3: nothing })));
  });

  verifies(["comfyui/s3-environment"], "a request that wants no upload gets none", async () => {
    const before = bucket.requests.length;
    const file = onlyFileOf(await generate(under.worker, workflow("image"), { s3: false }));
    expect([file.url, file.upload_error]).toEqual([undefined, undefined]);
    expect(bucket.requests).toHaveLength(before);
  });

  verifies(["comfyui/s3-guard"], "a request's own endpoint on the inside is refused, and never called", async () => {
    const before = bucket.requests.length;
    const ran = under.comfyui.jobs.length;
    const byAddress = await generate(under.worker, workflow("image"), {
      s3: { ...account(), endpoint_url: `http://127.0.0.2:${new URL(bucket.url).port}` },
    });
    expect(byAddress).toMatchObject({ status: 400, body: { error: { type: "invalid_input" } } });
    expect(byAddress.body.error?.message).toMatch(/s3\.endpoint_url.*loopback/);
    expect(under.comfyui.jobs).toHaveLength(ran);
    const byName = await generate(under.worker, workflow("image"), {
      s3: { ...account(), endpoint_url: `http://localhost:${new URL(bucket.url).port}`, connect_attempts: 1 },
    });
    expect(byName).toMatchObject({
      status: 200,
      body: { output: [{ upload_error: expect.stringMatching(/loopback/) }] },
    });
    expect(bucket.requests).toHaveLength(before);
  });

  verifies(["comfyui/s3-incomplete"], "the worker's secret never serves another's key or endpoint", async () => {
    const before = bucket.requests.length;
    for (const s3 of [{ access_key_id: "another" }, { endpoint_url: "https://storage.example.com" }]) {
      const { body, status } = await generate(under.worker, workflow("image"), { s3 });
      expect({ status, body }).toMatchObject({ status: 400, body: { error: { type: "invalid_input" } } });
      expect(body.error?.message).toMatch(/secret_access_key/);
    }
    expect(bucket.requests).toHaveLength(before);
  });
});

verifies(["comfyui/s3-large"], "200 MB are uploaded while the worker's memory grows by less than 50 MB", async () => {
  const { worker } = await start({ env: environment() });
  // What is loaded once, the first job of its kind pays for.
  await expectUploaded(worker, onlyFileOf(await generate(worker, bigFile(1))));
  const large = bigFile(200);
  const answers: JobAnswer[] = [];
  const growth = await memoryGrowth(worker.process.pid, async () => {
    answers.push(await generate(worker, large));
  });
  const [file] = answers.map(onlyFileOf);
  expect(growth / megabyte).toBeLessThan(50);
  const made = createHash("sha256");
  for (const chunk of bigFileChunks(200, Number(large["1"]?.inputs.seed))) {
    made.update(chunk);
  }
  const fetched = createHash("sha256");
  let size = 0;
  for await (const chunk of (await fetch(file?.url ?? "")).body ?? []) {
    fetched.update(chunk);
    size += chunk.length;
  }
  expect({ size, digest: fetched.digest("hex") }).toEqual({ size: 200 * megabyte, digest: made.digest("hex") });
});

describe("in wrapper mode", () => {
  verifies(["comfyui/s3-wrapper"], "S3 is the wrapper's affair, which gets what the request says of it", async () => {
    const under = await start({ mode: "wrapper", env: environment() });
    const before = bucket.requests.length;
    const s3 = { ...account(), region: "eu-west-3", connect_timeout: 7, connect_attempts: 2 };
    const asked = await generate(under.worker, workflow("image"), { s3 });
    const silent = await generate(under.worker, workflow("image"));
    expect([asked.status, silent.status]).toEqual([200, 200]);
    expect(under.wrapper?.jobs.map(({ payload }) => payload.s3)).toEqual([s3, undefined]);
    expect(bucket.requests).toHaveLength(before);
  });
});
