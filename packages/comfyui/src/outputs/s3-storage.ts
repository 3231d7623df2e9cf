import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import type { S3Settings } from "./s3-settings.ts";
import { uploadInParts } from "./upload-in-parts.ts";

/** A bucket that outputs are uploaded to. */
export interface S3Storage {
  /** Loads the SDK and checks the endpoint: worth doing before a job runs, and done anyway. */
  prepare(): Promise<void>;
  /** Resolves to a presigned URL. Rejects, with nothing left behind in the bucket, where the upload fails or `signal` aborts. */
  upload(key: string, source: UploadSource): Promise<string>;
  /** Closes its connections. Call it when no upload is under way. */
  stop(): Promise<void>;
}

export interface UploadSource {
  /** Read as fast as the bucket takes it. */
  body: Readable;
  contentType: string | undefined;
  signal: AbortSignal;
}

/** How to keep an endpoint that a request has chosen from reaching into this machine's network. Not for the operator's own. */
export interface EndpointGuard {
  /** Throws where the endpoint must not be called. */
  checkEndpoint?: ((url: URL) => Promise<void> | void) | undefined;
  /** Resolves the endpoint's name at the time of the connection, so that a name can't change its address after the check. */
  lookup?: LookupFunction | undefined;
}

const presignedSeconds = 604_800;
const idleMilliseconds = 120_000;

/** Uploads to S3, or to what speaks its protocol. */
export function createS3Storage(settings: S3Settings, { checkEndpoint, lookup }: EndpointGuard = {}): S3Storage {
  const open = async () => {
    if (settings.endpointFromRequest && settings.endpoint !== undefined) {
      await checkEndpoint?.(settings.endpoint);
    }
    // A worker that uploads nothing does not load it: it is the largest library here.
    const [sdk, { getSignedUrl }] = await Promise.all([
      import("@aws-sdk/client-s3"),
      import("@aws-sdk/s3-request-presigner"),
    ]);
    const agentOptions = {
      keepAlive: true,
      ...(settings.endpointFromRequest && lookup !== undefined ? { lookup } : {}),
    };
    const client = new sdk.S3Client({
      region: settings.region,
      credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint.href, forcePathStyle: true }),
      maxAttempts: settings.connectAttempts,
      requestHandler: {
        connectionTimeout: settings.connectTimeoutSeconds * 1000,
        socketTimeout: idleMilliseconds,
        httpAgent: new HttpAgent(agentOptions),
        httpsAgent: new HttpsAgent(agentOptions),
      },
      // Other servers than AWS's don't know its newer checksums.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    return { client, getSignedUrl, sdk };
  };
  let opened: ReturnType<typeof open> | undefined;
  const once = () => {
    opened ??= open();
    return opened;
  };

  return {
    prepare: async () => {
      await once();
    },
    upload: async (key, { body, contentType, signal }) => {
      const { client, getSignedUrl, sdk } = await once();
      const place = { Bucket: settings.bucket, Key: key };
      addAbortSignal(signal, body);
      try {
        await uploadInParts({ sdk, client, place, body, contentType, signal });
      } finally {
        body.destroy();
      }
      return getSignedUrl(client, new sdk.GetObjectCommand(place), { expiresIn: presignedSeconds });
    },
    stop: async () => {
      const parts = await opened?.catch(() => undefined);
      parts?.client.destroy();
    },
  };
}
