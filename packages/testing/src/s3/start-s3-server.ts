import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An S3-compatible server with one bucket. It checks signatures, those of presigned URLs too. */
export interface S3Server {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  /** What has been asked of it, as `PUT /bucket/key?partNumber=1`, oldest first. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** The one account that the server knows. */
const account = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const bucket = "outputs";

/** Needs the package `@20minutes/s3rver`, which this one does not bring. */
export async function startS3Server(): Promise<S3Server> {
  const S3rver = await loadS3rver();
  const directory = await mkdtemp(join(tmpdir(), "pyworker-s3-"));
  const s3 = new S3rver({
    address: "127.0.0.1",
    port: 0,
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await s3.run();
  const requests: string[] = [];
  s3.httpServer.on("request", ({ method, url }) => requests.push(`${method} ${url}`));
  return {
    url: `http://127.0.0.1:${port}`,
    ...account,
    bucket,
    requests,
    stop: async () => {
      s3.httpServer.closeAllConnections();
      await s3.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** It is heavy, and nothing else here needs it. */
async function loadS3rver() {
  try {
    const { default: S3rver } = await import("@20minutes/s3rver");
    return S3rver;
  } catch (cause) {
    throw new Error("startS3Server() needs one package more: npm install --save-dev @20minutes/s3rver", { cause });
  }
}
