import { JobError } from "../jobs/job-error.ts";

/** The `s3` member of a request. An empty string means that nothing is set. */
export interface S3Request {
  access_key_id?: string | null | undefined;
  secret_access_key?: string | null | undefined;
  endpoint_url?: string | null | undefined;
  bucket_name?: string | null | undefined;
  region?: string | null | undefined;
  /** Seconds. */
  connect_timeout?: number | string | null | undefined;
  connect_attempts?: number | string | null | undefined;
}

/** Where outputs are uploaded to. */
export interface S3Settings {
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  /** Undefined for AWS itself. */
  endpoint: URL | undefined;
  /** Whether the endpoint is the request's choice: then it must not be an address of this machine's network. */
  endpointFromRequest: boolean;
  region: string;
  connectTimeoutSeconds: number;
  connectAttempts: number;
}

const variables = {
  access_key_id: "S3_ACCESS_KEY_ID",
  secret_access_key: "S3_SECRET_ACCESS_KEY",
  endpoint_url: "S3_ENDPOINT_URL",
  bucket_name: "S3_BUCKET_NAME",
  region: "S3_REGION",
  connect_timeout: "S3_CONNECT_TIMEOUT",
  connect_attempts: "S3_CONNECT_ATTEMPTS",
} as const satisfies Record<keyof S3Request, string>;

/** Servers other than AWS's take it for their own, whatever they call theirs. */
const defaultRegion = "us-east-1";

/**
 * Where a request's outputs are uploaded to; undefined where neither it nor the environment says. What a request leaves
 * open comes from the environment, field by field, with two exceptions: key and secret go together, and with an endpoint
 * of the request's own choice nothing of the environment's account is used. Throws a JobError that names what a request lacks.
 */
export function readS3Settings(
  request: S3Request | null | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): S3Settings | undefined {
  const own = (field: keyof S3Request) => textOf(request?.[field]);
  const theirs = (field: keyof S3Request) => textOf(environment[variables[field]]);
  const either = (field: keyof S3Request) => own(field) ?? theirs(field);

  const endpointFromRequest =
    own("endpoint_url") !== undefined && !sameUrl(own("endpoint_url"), theirs("endpoint_url"));
  const ownAccount = [own("access_key_id"), own("secret_access_key")].some((value) => value !== undefined);
  const credential = endpointFromRequest || ownAccount ? own : either;
  // A bucket and a region of the worker's own endpoint mean nothing at another.
  const place = endpointFromRequest ? own : either;
  const accessKeyId = credential("access_key_id");
  const secretAccessKey = credential("secret_access_key");
  const bucket = place("bucket_name");

  if (accessKeyId === undefined || secretAccessKey === undefined || bucket === undefined) {
    const asked = required.some((field) => own(field) !== undefined) || own("endpoint_url") !== undefined;
    if (!asked) {
      return undefined;
    }
    const found = { access_key_id: accessKeyId, secret_access_key: secretAccessKey, bucket_name: bucket };
    const missing = required.filter((field) => found[field] === undefined);
    const reason = credential === own ? ": the worker's own credentials are not mixed with a request's" : "";
    throw invalid(`s3 lacks ${missing.join(", ")}${reason}`);
  }
  return {
    accessKeyId,
    secretAccessKey,
    bucket: checkName("bucket_name", bucket),
    endpoint: readEndpoint(either("endpoint_url")),
    endpointFromRequest,
    region: checkName("region", place("region") ?? defaultRegion),
    connectTimeoutSeconds: readCount(either("connect_timeout"), { fallback: 60, most: 600 }),
    connectAttempts: readCount(either("connect_attempts"), { fallback: 3, most: 10 }),
  };
}

const required = ["access_key_id", "secret_access_key", "bucket_name"] as const;

const textOf = (value: string | number | null | undefined): string | undefined => {
  const text = String(value ?? "").trim();
  return text === "" ? undefined : text;
};

function readEndpoint(text: string | undefined): URL | undefined {
  if (text === undefined) {
    return undefined;
  }
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("s3.endpoint_url (or S3_ENDPOINT_URL) must be an http or https URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(
      "s3.endpoint_url (or S3_ENDPOINT_URL) must hold neither name nor password: they have fields of their own",
    );
  }
  return url;
}

/** Both become a part of the host's name where the endpoint is AWS, so neither may bring in a host of its own. */
function checkName(field: "bucket_name" | "region", value: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value) || value.length > 255) {
    throw invalid(`s3.${field} (or ${variables[field]}) may hold letters, digits, dots, dashes and underscores`);
  }
  return value;
}

function readCount(text: string | undefined, { fallback, most }: { fallback: number; most: number }): number {
  const count = Math.floor(Number(text ?? fallback));
  return count >= 1 ? Math.min(count, most) : fallback;
}

const sameUrl = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && URL.parse(one)?.href === URL.parse(other)?.href;

const invalid = (message: string): JobError => new JobError({ type: "invalid_input", message });
