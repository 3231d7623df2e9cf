import { JobError } from "../jobs/job-error.ts";
import type { Guard } from "../net/create-guard.ts";
import { FetchError } from "../net/fetch-error.ts";
import { readS3Settings, type S3Request } from "./s3-settings.ts";
import { createS3Storage, type S3Storage } from "./s3-storage.ts";

interface StorageOptions {
  /** `S3_ACCESS_KEY_ID` and the like: what a request leaves open. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Says which endpoints a request may choose. */
  guard: Guard;
}

/**
 * Where a job's outputs go, ready to take them; undefined where they stay. Rejects with JobError `invalid_input` that
 * names what a request lacks, or why its endpoint may not be called: a job is not run for outputs that go nowhere.
 */
export async function openStorage(
  request: S3Request | false | undefined,
  { environment, guard }: StorageOptions,
): Promise<S3Storage | undefined> {
  const settings = request === false ? undefined : readS3Settings(request, environment);
  if (settings === undefined) {
    return undefined;
  }
  const { endpoint } = settings;
  const storage = createS3Storage(settings, {
    checkEndpoint: guard.check,
    lookup: endpoint && guard.lookupFor(endpoint),
  });
  try {
    await storage.prepare();
  } catch (error) {
    throw error instanceof FetchError
      ? new JobError({ type: "invalid_input", message: `s3.endpoint_url: ${error.message}` }, { cause: error })
      : error;
  }
  return storage;
}
