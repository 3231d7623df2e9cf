import { describe, expect, test } from "@jest/globals";
import { JobError } from "../jobs/job-error.ts";
import { readS3Settings, type S3Request } from "./s3-settings.ts";

const environment = {
  S3_ACCESS_KEY_ID: "worker-key",
  S3_SECRET_ACCESS_KEY: "worker-secret",
  S3_BUCKET_NAME: "worker-bucket",
  S3_ENDPOINT_URL: "http://10.0.0.5:9000",
  S3_REGION: "eu-west-1",
};
const request = {
  access_key_id: "own-key",
  secret_access_key: "own-secret",
  bucket_name: "own-bucket",
  endpoint_url: "https://storage.example.com",
};
const nothing = {
  access_key_id: "",
  secret_access_key: "",
  endpoint_url: " ",
  bucket_name: "",
  region: "",
  connect_timeout: null,
};

const faultOf = (s3: S3Request, env = {}) => {
  try {
    return readS3Settings(s3, env);
  } catch (error) {
    return error instanceof JobError ? error.fault : error;
  }
};

describe("uploads are on", () => {
  test("where the request has an account", () => {
    expect(readS3Settings(request, {})).toEqual({
      accessKeyId: "own-key",
      secretAccessKey: "own-secret",
      bucket: "own-bucket",
      endpoint: new URL("https://storage.example.com"),
      endpointFromRequest: true,
      region: "us-east-1",
      connectTimeoutSeconds: 60,
      connectAttempts: 3,
    });
  });

  test.each([undefined, null, {}, nothing])("where the environment has one and the request says nothing: %j", (s3) => {
    expect(readS3Settings(s3, environment)).toEqual({
      accessKeyId: "worker-key",
      secretAccessKey: "worker-secret",
      bucket: "worker-bucket",
      endpoint: new URL("http://10.0.0.5:9000"),
      endpointFromRequest: false,
      region: "eu-west-1",
      connectTimeoutSeconds: 60,
      connectAttempts: 3,
    });
  });
});

test.each([undefined, null, {}, nothing])("nobody says anything: off, with %j", (s3) => {
  expect(readS3Settings(s3, {})).toBeUndefined();
  expect(readS3Settings(s3, { ...environment, S3_BUCKET_NAME: "" })).toBeUndefined();
});

test("what the request leaves open comes from the environment, field by field", () => {
  expect(readS3Settings({ bucket_name: "own-bucket", connect_attempts: 1 }, environment)).toMatchObject({
    accessKeyId: "worker-key",
    secretAccessKey: "worker-secret",
    bucket: "own-bucket",
    region: "eu-west-1",
    connectAttempts: 1,
  });
  const { endpoint_url: _, ...account } = request;
  expect(readS3Settings(account, environment)).toMatchObject({
    accessKeyId: "own-key",
    secretAccessKey: "own-secret",
    endpoint: new URL("http://10.0.0.5:9000"),
    endpointFromRequest: false,
  });
});

describe("the environment's account is safe from requests", () => {
  const mixing = "the worker's own credentials are not mixed with a request's";

  test("an endpoint of the request's own needs an account of its own, a bucket included", () => {
    expect(faultOf({ endpoint_url: "https://thief.example.com" }, environment)).toEqual({
      type: "invalid_input",
      message: `s3 lacks access_key_id, secret_access_key, bucket_name: ${mixing}`,
    });
    expect(faultOf({ ...request, secret_access_key: "" }, environment)).toMatchObject({
      message: `s3 lacks secret_access_key: ${mixing}`,
    });
    expect(readS3Settings(request, environment)).toMatchObject({ region: "us-east-1" });
  });

  test("half an account isn't made whole", () => {
    expect(faultOf({ access_key_id: "own-key" }, environment)).toMatchObject({
      message: `s3 lacks secret_access_key: ${mixing}`,
    });
    expect(faultOf({ secret_access_key: "own-secret" }, environment)).toMatchObject({
      message: `s3 lacks access_key_id: ${mixing}`,
    });
  });

  test("the endpoint that the environment names is no choice of the request's", () => {
    expect(readS3Settings({ endpoint_url: "http://10.0.0.5:9000/" }, environment)).toMatchObject({
      accessKeyId: "worker-key",
      endpointFromRequest: false,
    });
  });

  test.each([{ bucket_name: "evil.com/" }, { bucket_name: "a#b" }, { region: "x.evil.com/#" }, { region: "a b" }])(
    "neither bucket nor region brings in a host: %j",
    (s3) => {
      expect(faultOf(s3, environment)).toMatchObject({ type: "invalid_input" });
    },
  );
});

test.each([
  [{ bucket_name: "b" }, "s3 lacks access_key_id, secret_access_key"],
  [{ access_key_id: "k", secret_access_key: "s" }, "s3 lacks bucket_name"],
])("a request that says half of it is told the rest: %j", (s3, message) => {
  expect(faultOf(s3)).toMatchObject({ type: "invalid_input", message: expect.stringContaining(message) });
});

test.each([
  "storage.example.com",
  "ftp://storage.example.com",
  "file:///etc/passwd",
  "https://user:word@x.example.com",
])("is no endpoint: %s", (endpoint_url) => {
  expect(faultOf({ ...request, endpoint_url })).toMatchObject({
    type: "invalid_input",
    message: expect.stringContaining("endpoint_url"),
  });
});

test("times and attempts are kept within reason, and nonsense counts as not set", () => {
  const counts = (s3: S3Request) => {
    const settings = readS3Settings({ ...request, ...s3 }, { S3_CONNECT_TIMEOUT: "20", S3_CONNECT_ATTEMPTS: "many" });
    return [settings?.connectTimeoutSeconds, settings?.connectAttempts];
  };
  expect(counts({})).toEqual([20, 3]);
  expect(counts({ connect_timeout: 5, connect_attempts: "2" })).toEqual([5, 2]);
  expect(counts({ connect_timeout: 1e9, connect_attempts: 1e9 })).toEqual([600, 10]);
  expect(counts({ connect_timeout: -1, connect_attempts: 0 })).toEqual([60, 3]);
});
